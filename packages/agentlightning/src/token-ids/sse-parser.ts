// Server-sent events, from chunks of bytes cut anywhere (WHATWG HTML, section "Server-sent events").

/** One event of a stream. */
export interface SseEvent {
  /** The name that `event:` gives. */
  readonly event?: string
  /** The lines of `data:`, joined. */
  readonly data: string
}

/** Takes a stream of events apart. Comments, `id` and `retry` are passed over. */
export class SseParser {
  readonly #decoder = new TextDecoder()
  /** The beginning of a line that has not ended, in pieces. */
  #line: string[] = []
  /** The last character was a CR: an LF after it belongs to the same line end. */
  #afterReturn = false
  #event: string | undefined
  #data: string[] = []

  /** The events that `chunk` completes. */
  push(chunk: Uint8Array): SseEvent[] {
    return this.#read(this.#decoder.decode(chunk, { stream: true }))
  }

  /** The events that the end of the body completes: one that lacks its empty line, or the end of its last line. */
  end(): SseEvent[] {
    return this.#read(`${this.#decoder.decode()}\n\n`)
  }

  #read(text: string): SseEvent[] {
    const events: SseEvent[] = []
    let start = this.#afterReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.#afterReturn = text.endsWith('\r')
    const ends = /\r\n|[\r\n]/g
    ends.lastIndex = start
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      this.#line.push(text.slice(start, end.index))
      const line = this.#line.length === 1 ? this.#line[0]! : this.#line.join('')
      this.#line = []
      start = ends.lastIndex
      const event = this.#take(line)
      if (event) events.push(event)
    }
    if (start < text.length) this.#line.push(text.slice(start))
    return events
  }

  /** Takes one line; an empty one ends an event. */
  #take(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    return undefined
  }

  #dispatch(): SseEvent | undefined {
    const [event, data] = [this.#event, this.#data]
    this.#event = undefined
    this.#data = []
    if (data.length === 0) return undefined
    return { ...(event === undefined ? {} : { event }), data: data.join('\n') }
  }
}
