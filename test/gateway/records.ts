// The records of gateway calls in a log, with what they hold.
import { join } from 'node:path'
import {
  type CallEnd,
  type CallStart,
  decodeCallRecord,
} from '../../packages/agentlightning/src/gateway/record.ts'
import { LogReader } from '../../packages/agentlightning/src/log/reader.ts'
import type { RecordHeader } from '../../packages/agentlightning/src/log/record.ts'

/** One record of a call. */
export interface Kept<Head> {
  readonly header: RecordHeader
  readonly position: number
  readonly head: Head
  readonly body: string
}

/** All gateway records of a data directory, oldest first. The server may still run. */
export function gatewayRecords(dataDir: string): {
  readonly starts: Kept<CallStart>[]
  readonly ends: Kept<CallEnd>[]
  readonly rollouts: RecordHeader[]
} {
  const starts: Kept<CallStart>[] = []
  const ends: Kept<CallEnd>[] = []
  const rollouts: RecordHeader[] = []
  const reader = new LogReader(join(dataDir, 'log'), { onDamage: () => undefined })
  reader.read(0, Number.MAX_SAFE_INTEGER, ({ header, start, payload }) => {
    if (!header) return
    if (header.kind === 'rollout') rollouts.push(header)
    if (header.kind === 'gatewayStart') {
      const { head, body } = decodeCallRecord<CallStart>(Buffer.from(payload))
      starts.push({ header, position: start, head, body: body.toString() })
    }
    if (header.kind === 'gatewayEnd') {
      const { head, body } = decodeCallRecord<CallEnd>(Buffer.from(payload))
      ends.push({ header, position: start, head, body: body.toString() })
    }
  })
  reader.close()
  return { starts, ends, rollouts }
}
