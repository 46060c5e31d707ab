// Those who follow the server live while it is fuzzed: one who must hear of everything, and some who behave badly.
import { get, type IncomingMessage } from 'node:http'
import type { TestServer } from '../support/agl.ts'
import { until } from '../support/agl.ts'
import type { Dice } from './random.ts'

/** How soon a trace that is indexed must be told of. */
const HEARD_MS = 30_000
const PATHS = [
  '/api/v1/live',
  '/api/v1/live?after=x',
  '/api/v1/live?%',
  '/api/v1/live/',
  '/k/%00/api/v1/live',
]
const HEADERS = [{}, { accept: 'text/html' }, { 'last-event-id': '9'.repeat(400) }, { range: 'bytes=0-1' }]

/** One listener to the end, and others that come and go. */
export class LiveListeners {
  readonly #server: TestServer
  readonly #heard = new Set<string>()
  readonly #others = new Set<IncomingMessage>()
  #listener: IncomingMessage | undefined
  #rest = ''
  #problem: string | undefined

  constructor(server: TestServer) {
    this.#server = server
  }

  async start(): Promise<void> {
    this.#listener = await this.#open('/api/v1/live', {})
    this.#listener.setEncoding('utf8')
    this.#listener.on('error', () => {})
    this.#listener.on('data', (text: string) => this.#read(text))
    this.#listener.on('close', () => {
      this.#problem ??= 'the live feed ended'
    })
  }

  /** Rejects when the listener does not hear of the trace, or heard what is no event. */
  async mustHear(traceId: string): Promise<void> {
    await until(
      `the live feed to tell of trace ${traceId}`,
      () => {
        if (this.#problem !== undefined) throw new Error(this.#problem)
        return this.#heard.delete(traceId)
      },
      HEARD_MS,
    )
    this.#heard.clear()
  }

  /** Opens some that do not read, leave at once or ask for what is not there, and lets some of them go. */
  async disturb(dice: Dice): Promise<void> {
    for (const other of this.#others) if (dice.once(3)) this.#drop(other)
    const other = await this.#open(dice.pick(PATHS), dice.pick(HEADERS)).catch(() => undefined)
    if (!other) return
    this.#others.add(other)
    other.on('error', () => {})
    if (dice.once(2)) other.pause()
    else other.resume()
    if (dice.once(3)) this.#drop(other)
  }

  close(): void {
    this.#listener?.removeAllListeners('close').destroy()
    for (const other of this.#others) this.#drop(other)
  }

  #drop(other: IncomingMessage): void {
    this.#others.delete(other)
    other.destroy()
  }

  #open(path: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { port } = this.#server
      get({ host: '127.0.0.1', port, path, headers, agent: false }, resolve).on('error', reject)
    })
  }

  #read(text: string): void {
    const events = (this.#rest + text).split('\n\n')
    this.#rest = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1]
      if (data === undefined) continue
      try {
        const { traces = [] } = JSON.parse(data) as { traces?: { traceId: string }[] }
        for (const { traceId } of traces) this.#heard.add(traceId)
      } catch {
        this.#problem = `an event of the live feed is no JSON: ${data.slice(0, 200)}`
      }
    }
  }
}
