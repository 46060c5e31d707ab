// Whether a write may go on: overload slows the acknowledgement, and only then refuses.
import { AglError } from '../errors.ts'
import type { Log } from '../log/log.ts'
import { offsetOf, type Position, segmentOf } from '../log/record.ts'

const LAG_PATIENCE_MS = 5000

type Segments = Pick<Log, 'segments'>

/** Waits while the index is too far behind; refuses after 5 s (design §5, promise 4). */
export async function admit(
  log: Segments,
  index: { readonly position: Position },
  limitBytes: number,
): Promise<void> {
  if (lagBytes(log, index.position) <= limitBytes) return
  const deadline = Date.now() + LAG_PATIENCE_MS
  while (lagBytes(log, index.position) > limitBytes) {
    if (Date.now() > deadline) {
      throw new AglError('AGL_OVERLOADED', { reason: `the index is ${limitBytes} bytes behind` })
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Bytes of log that the index has not reached. */
export function lagBytes(log: Segments, position: Position): number {
  const from = segmentOf(position)
  let bytes = 0
  for (const { number, bytes: size } of log.segments()) {
    if (number > from) bytes += size
    else if (number === from) bytes += Math.max(0, size - offsetOf(position))
  }
  return bytes
}
