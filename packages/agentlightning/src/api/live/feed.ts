// Who watches, and what they are told: changed traces, asked of the index once for everybody.
import type { Changes } from '../../store/contract.ts'

/** Traces told of in one event; whoever needs more reads the list anew. */
const TRACES_PER_EVENT = 200
/** The least time between two questions: a second of ingest must not become a hundred events. */
const PAUSE_MS = 250
/** A connection that hears nothing for this long may be cut by something in between. */
const HEARTBEAT_MS = 15_000
/** A client that does not read is let go once this much waits for it; it comes back by itself. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024

/** What the feed is made of. */
export interface LiveSources {
  /** Resolves once the index has written anything after `position`, to false after `timeoutMs`. */
  readonly moved: (position: number, timeoutMs: number) => Promise<boolean>
  readonly position: () => number
  /** JSON of the `Changes` after a change number. */
  readonly changes: (after: number, limit: number) => Promise<string>
  /** Spans indexed since the start of the server. */
  readonly spans: () => number
  readonly onError: (error: unknown) => void
}

/** Where events go. */
export interface LiveClient {
  /** Returns the bytes that wait to be sent. */
  readonly send: (text: string) => number
  readonly end: () => void
}

/** Tells every client of changed and removed traces, by Server-Sent Events (WHATWG HTML, `text/event-stream`). */
export class LiveFeed {
  readonly #sources: LiveSources
  readonly #clients = new Set<LiveClient>()
  #running = false
  /** Up to here all was told; undefined while nobody listens. */
  #change: number | undefined
  #closed = false

  constructor(sources: LiveSources) {
    this.#sources = sources
  }

  /** The number of clients. */
  get clients(): number {
    return this.#clients.size
  }

  /**
   * Adds a client. It hears `hello` once everything that is written from then on will be told: what it read
   * before may lack something. The first one starts the questions, the last one to leave ends them.
   */
  add(client: LiveClient): void {
    if (this.#closed) {
      client.end()
      return
    }
    this.#clients.add(client)
    if (this.#change !== undefined) this.#send(client, this.#hello())
    if (!this.#running) void this.#run()
  }

  remove(client: LiveClient): void {
    this.#clients.delete(client)
  }

  /** Ends every connection and takes no more. */
  close(): void {
    this.#closed = true
    for (const client of this.#clients) client.end()
    this.#clients.clear()
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#clients.size > 0) {
      const seen = this.#sources.position()
      try {
        await this.#tell()
      } catch (error) {
        // The index is being rebuilt, or its thread was lost: the next question starts a new one.
        this.#sources.onError(error)
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      if (this.#change === undefined || this.#sources.position() > seen) continue
      const moved = await this.#sources.moved(seen, HEARTBEAT_MS)
      if (!moved) this.#broadcast(event('pulse', { spans: this.#sources.spans() }))
    }
    this.#change = undefined
    this.#running = false
  }

  /** Tells what changed since the question before. The first question only finds out where that is. */
  async #tell(): Promise<void> {
    const after = this.#change
    const answer = await this.#sources.changes(after ?? Number.MAX_SAFE_INTEGER, TRACES_PER_EVENT)
    const { traces, removed, change, complete } = JSON.parse(answer) as Changes
    this.#change = change
    if (after === undefined) this.#broadcast(this.#hello())
    // Numbers begin anew when the index was rebuilt: nothing that is known holds.
    else if (change < after) this.#broadcast(event('reset', {}))
    else if (traces.length + removed.length > 0 || !complete) {
      const more = !complete || traces.length + removed.length >= TRACES_PER_EVENT
      this.#broadcast(event('traces', { traces, removed, more, spans: this.#sources.spans() }))
    }
  }

  #hello(): string {
    return event('hello', { spans: this.#sources.spans() })
  }

  #broadcast(text: string): void {
    for (const client of this.#clients) this.#send(client, text)
  }

  #send(client: LiveClient, text: string): void {
    if (client.send(text) <= MOST_WAITING_BYTES) return
    this.#clients.delete(client)
    client.end()
  }
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
