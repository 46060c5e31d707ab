// Finds where an event stream says that it is over, in bytes that come in pieces: from there on they wait for the
// record of the call.

/** The lines with which streams end: OpenAI chat and completions, Anthropic, OpenAI Responses. */
const lastLines = [
  'data: [DONE]',
  'data:[DONE]',
  'event: message_stop',
  'event:message_stop',
  'event: response.completed',
  'event: response.incomplete',
  'event: response.failed',
]

const words = ['[DONE]', 'message_stop', 'event: response.']
const longest = Math.max(...lastLines.map((line) => line.length))
const NEWLINE = 10

/** Splits what may pass from what must wait. */
export class StreamEnd {
  /** True once the last line was seen: all that follows waits. */
  reached = false
  #held: Buffer | undefined
  #atLineStart = true

  /** Takes the next bytes; returns those that may pass. */
  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk
    this.#held = undefined
    if (bytes.length === 0) return undefined
    const from = this.reached ? 0 : this.#holdFrom(bytes)
    if (from < bytes.length) this.#held = bytes.subarray(from)
    if (from === 0) return undefined
    this.#atLineStart = bytes[from - 1] === NEWLINE
    return from === bytes.length ? bytes : bytes.subarray(0, from)
  }

  /** What was held back. */
  rest(): Buffer | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }

  #holdFrom(bytes: Buffer): number {
    for (const word of words) {
      for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1)) {
        const start = bytes.lastIndexOf(NEWLINE, at) + 1
        if ((start > 0 || this.#atLineStart) && isLast(bytes, start)) {
          this.reached = true
          return start
        }
      }
    }
    // The beginning of such a line may have been cut here.
    const start = bytes.lastIndexOf(NEWLINE) + 1
    const open = bytes.length - start
    if (open === 0 || open >= longest || (start === 0 && !this.#atLineStart)) return bytes.length
    const text = bytes.toString('latin1', start)
    return lastLines.some((line) => line.startsWith(text)) ? start : bytes.length
  }
}

function isLast(bytes: Buffer, start: number): boolean {
  const text = bytes.toString('latin1', start, Math.min(bytes.length, start + longest))
  return lastLines.some((line) => text.startsWith(line))
}
