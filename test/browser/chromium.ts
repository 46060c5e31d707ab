// Debian's Chromium for tests: a browser of its own for each file, and an eye on all that it asks for.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { root } from '../support/agl.ts'
import { exclusively } from '../support/exclusively.ts'
import { MeansMissing } from '../support/means.ts'

const executablePath = '/usr/bin/chromium'
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the browser, with the page that it shows built. Throws `MeansMissing` where none is installed. */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new MeansMissing(`there is no ${executablePath}; Debian has it in the package chromium`)
  }
  await buildPage()
  return chromium.launch({ executablePath, args })
}

/** Builds the page that servers show, where it is missing or old; one test file at a time. */
export function buildPage(): Promise<void> {
  return exclusively('dashboard', async () => {
    const build = spawnSync(process.execPath, [join(root, 'scripts', 'dashboard.mjs')], { encoding: 'utf8' })
    if (build.status !== 0) throw new Error(`the dashboard was not built:\n${build.stderr}`)
  })
}

/** A page, and what went wrong on it. */
export interface WatchedPage {
  readonly page: Page
  /** Errors on the console, exceptions, violations of the page's policy. */
  readonly problems: string[]
  /** Every address that was asked for. */
  readonly asked: string[]
}

/** Opens a page that notes its problems from its first byte on. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  // A busy machine makes a page slow, not wrong.
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const problems: string[] = []
  const asked: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(url)
  return { page, problems, asked }
}
