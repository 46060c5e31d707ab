// Reads what a server says against a request, without taking it from the program.
import type { Readable } from 'node:stream'

/** A refusal longer than this is not read. */
const LONGEST = 64 * 1024
/** What a response of `node-fetch` buffers for the one of two copies that is not read. */
const BUFFERED = 16 * 1024

/** The text of an error reply; empty when it is too long or cannot be read. Never rejects. */
export async function errorText(response: Response): Promise<string> {
  try {
    if (Number(response.headers.get('content-length') ?? 0) > LONGEST) return ''
    const copy = response.clone()
    return response instanceof Response ? await copy.text() : await beginning(copy)
  } catch {
    return ''
  }
}

/** A copy of a response of `node-fetch` stands still where the other one is full: no more than that is read. */
async function beginning(copy: Response): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of copy.body as unknown as Readable) {
    parts.push(Buffer.from(part))
    size += parts.at(-1)?.length ?? 0
    if (size >= BUFFERED) break
  }
  return Buffer.concat(parts).toString()
}

/** Lets go of a reply that nobody will read. Never throws. */
export function discard(response: Response): void {
  const body = response.body as unknown as Readable | ReadableStream | null
  if (body instanceof ReadableStream) body.cancel().catch(() => {})
  // Read to its end, a connection is there for the next request.
  else body?.resume?.()
}
