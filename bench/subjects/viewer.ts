// Somebody who has the dashboard open: a real browser, or what its page asks where there is none.
import { existsSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { chromium } from 'playwright-core'
import { get } from './subject.ts'

const executablePath = '/usr/bin/chromium'
/** How often the page counts again while traces keep arriving (`packages/dashboard`, `use-count.ts`). */
const COUNT_MS = 3000

/** An open page. */
export interface Viewer {
  readonly how: string
  /** Live events that it was told so far. */
  events(): Promise<number>
  close(): Promise<void>
}

/** Opens the list of traces and leaves it open, live. */
export function openViewer(port: number): Promise<Viewer> {
  return existsSync(executablePath) ? browse(port) : listen(port)
}

async function browse(port: number): Promise<Viewer> {
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
  ]
  const browser = await chromium.launch({ executablePath, args })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  // Counted where the page hears them, before any of its own code runs.
  await page.addInitScript(`
    window.heard = 0
    const Source = window.EventSource
    window.EventSource = class extends Source {
      constructor(url) {
        super(url)
        this.addEventListener('traces', () => window.heard++)
      }
    }`)
  await page.goto(`http://127.0.0.1:${port}/traces`)
  await page.getByText(/listening|recording/).waitFor()
  return {
    how: 'Chromium',
    events: async () => Number(await page.evaluate('window.heard')),
    close: () => browser.close(),
  }
}

/** The stream, the list when the stream says so, and the count: what the page does, without drawing. */
async function listen(port: number): Promise<Viewer> {
  let events = 0
  const list = () => get(port, '/api/v1/traces?limit=100').catch(() => undefined)
  await list()
  const stream = httpGet({ port, host: '127.0.0.1', path: '/api/v1/live', agent: false }, (answer) => {
    let rest = ''
    answer.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split('\n')
      rest = lines.pop() ?? ''
      events += lines.filter((line) => line === 'event: traces').length
      if (lines.some((line) => line.endsWith('"more":true}') || line.includes('"more":true,'))) void list()
    })
    answer.on('error', () => undefined)
  })
  stream.on('error', () => undefined)
  const count = setInterval(() => void get(port, '/api/v1/count?most=1000').catch(() => undefined), COUNT_MS)
  return {
    how: 'stream and queries (no Chromium)',
    events: async () => events,
    close: async () => {
      clearInterval(count)
      stream.destroy()
    },
  }
}
