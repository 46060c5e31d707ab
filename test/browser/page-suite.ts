// What the suites of the page share: a browser for each file, a server for each test, and the check that nothing went
// wrong on any page.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeEach, describe, expect } from 'vitest'
import { startServer, type TestServer, until } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { launchChromium, openPage, type WatchedPage } from './chromium.ts'

/** What a test has to work with. */
export interface PageSuite {
  /** A test that stops it puts another one in its place. */
  server: TestServer
  /** The pages that this test has opened, oldest first. */
  readonly opened: readonly WatchedPage[]
  /** Resolves once all that was acknowledged can be read. */
  readonly readable: () => Promise<void>
  /** Opens a page of the server, which is then `readable`. */
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<Page>
  /** Lets `page` have problems like `pattern`, before or after. */
  readonly allowProblem: (page: Page, pattern: RegExp) => void
  /** Waits until the browser has noted a problem like `pattern` on `page`, and allows it. */
  readonly expectProblem: (page: Page, pattern: RegExp) => Promise<void>
}

/**
 * Declares the tests of `title`, each with a server of its own: `start` says which. After each test its pages are closed;
 * none may have had a problem, or asked for anything but what the server has.
 */
export async function describePage(
  title: string,
  tests: (suite: PageSuite) => void,
  start: () => Promise<TestServer> = () => startServer({ args: ['--store', 'memory'] }),
): Promise<void> {
  const browser = await requireMeans(`${title} in Chromium`, launchChromium)
  afterAll(() => browser?.close())

  describe.runIf(browser !== undefined)(title, () => {
    let server: TestServer
    let opened: WatchedPage[] = []
    let allowed: { page: Page; pattern: RegExp }[] = []
    beforeEach(async () => {
      opened = []
      allowed = []
      server = await start()
    })
    afterEach(async () => {
      for (const { page } of opened) await page.context().close()
      await server.stop()
      for (const { page, problems, asked } of opened) {
        const known = allowed.filter((one) => one.page === page)
        expect(problems.filter((text) => !known.some(({ pattern }) => pattern.test(text)))).toEqual([])
        expect(asked.filter((url) => !url.startsWith(`${server.url}/`))).toEqual([])
      }
    })
    tests({
      get server() {
        return server
      },
      set server(other) {
        server = other
      },
      readable: () => readable(server),
      get opened() {
        return opened
      },
      async open(path, options = {}) {
        await readable(server)
        const watched = await openPage(browser as Browser, server.url + path, options)
        opened.push(watched)
        return watched.page
      },
      allowProblem(page, pattern) {
        allowed.push({ page, pattern })
      },
      async expectProblem(page, pattern) {
        const problems = opened.find((one) => one.page === page)?.problems ?? []
        // The browser may tell of a refused request after the page has shown it.
        await expect.poll(() => problems).toContainEqual(expect.stringMatching(pattern))
        allowed.push({ page, pattern })
      },
    })
  })
}

/** The value of a parameter of the page's address. It follows what the page did a moment later. */
export function parameter(page: Page, name: string): string | null {
  return new URL(page.url()).searchParams.get(name)
}

/** The path of the page's address. It follows what the page did a moment later. */
export function pathOf(page: Page): string {
  return new URL(page.url()).pathname
}

/** An acknowledged record is safe, and read a moment later. A server that demands a key has nothing to wait for. */
async function readable({ url }: TestServer): Promise<void> {
  const isReadable = async () => {
    const { ok, status } = await fetch(`${url}/api/v1/position?wait=1`)
    return ok || status === 401
  }
  await until('all that was acknowledged can be read', isReadable, 60_000)
}
