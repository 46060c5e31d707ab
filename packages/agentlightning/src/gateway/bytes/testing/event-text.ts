// Writes described streams as event streams, and cuts bytes into chunks.
import type { Random } from '../../../otlp/scan/fixtures/random.ts'
import type { StreamEvent } from './stream-cases.ts'
import { lines, type Spacing, spacings, write } from './twin.ts'

/** The stream as it comes with the flag, and as the server sends it without. */
export function writeStream(
  random: Random,
  events: readonly StreamEvent[],
): { flagged: Buffer; direct: Buffer } {
  const eol = random.pick(['\n', '\n', '\r\n'])
  const both = { flagged: '', direct: '' }
  for (const event of events) {
    const comment = random.chance(5) ? `: still "token_ids":[1]${eol}${random.chance(2) ? eol : ''}` : ''
    const hasId = event.unasked !== true && random.chance(8)
    const isSpread = random.chance(6)
    const spacing = isSpread ? lines : random.pick(spacings)
    const space = random.pick(['', ' ', ' '])
    for (const side of ['flagged', 'direct'] as const) {
      both[side] += comment
      if (side === 'direct' && event.unasked === true) continue
      if (event.event !== undefined) both[side] += `event: ${event.event}${eol}`
      if (hasId) both[side] += `id: 7${eol}`
      both[side] += dataLines(event, side, spacing, `data:${space}`, eol) + eol
    }
  }
  return { flagged: Buffer.from(both.flagged), direct: Buffer.from(both.direct) }
}

function dataLines(
  event: StreamEvent,
  side: 'flagged' | 'direct',
  spacing: Spacing,
  field: string,
  eol: string,
): string {
  const text = typeof event.data === 'string' ? event.data : (write(event.data, side, spacing) as string)
  // A bare CR is whitespace of JSON, but ends a line of an event stream.
  const clean = text.replaceAll('\r', '\t')
  return clean
    .split('\n')
    .map((line) => `${field}${line}${eol}`)
    .join('')
}

/** Bytes in random parts, from single bytes to all at once. */
export function chunksOf(random: Random, bytes: Buffer): Buffer[] {
  const most = random.pick([1, 3, 20, 200, 100_000])
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.int(most)
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}
