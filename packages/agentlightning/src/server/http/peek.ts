// The beginning of a body that nobody wants, for an example of it.
import type { IncomingMessage } from 'node:http'

/** What is kept of a body. */
const KEPT_BYTES = 4096
/** How long a body is waited for. */
const WAIT_MS = 2000

/** The text of the first bytes of a body, or its size where it is no text; the rest is read and forgotten. */
export function peek(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let kept = 0
    let bytes = 0
    const onData = (part: Buffer): void => {
      bytes += part.length
      if (kept >= KEPT_BYTES) return
      // A copy: a slice would keep the whole chunk.
      parts.push(Buffer.from(part.subarray(0, KEPT_BYTES - kept)))
      kept += parts.at(-1)?.length ?? 0
    }
    const done = (): void => {
      clearTimeout(timer)
      request.off('data', onData).off('end', done).off('close', done)
      request.resume()
      resolve(shown(Buffer.concat(parts), bytes, request.headers['content-encoding']))
    }
    const timer = setTimeout(done, WAIT_MS)
    timer.unref()
    request.on('data', onData).on('end', done).on('close', done)
  })
}

function shown(head: Buffer, bytes: number, encoding: string | undefined): string {
  if (bytes === 0) return ''
  const size = `(${bytes} bytes`
  if (encoding !== undefined && encoding !== 'identity') return `${size}, ${encoding.slice(0, 40)})`
  const text = new TextDecoder().decode(head)
  // Control characters other than white space: no text.
  const unreadable = [...text].filter((character) => character < '\t' || character === '\ufffd').length
  return unreadable > 1 ? `${size})` : text
}
