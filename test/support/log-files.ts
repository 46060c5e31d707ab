// Log directories made by hand: what a client can never send, but a disk may hold.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Log, openLog } from '../../packages/agentlightning/src/log/log.ts'
import { nodeDisk } from '../../packages/agentlightning/src/log/node-disk.ts'
import {
  offsetOf,
  type Position,
  type RecordHeader,
  segmentOf,
} from '../../packages/agentlightning/src/log/record.ts'

/** A record to write. */
export interface RawRecord {
  readonly header?: Partial<RecordHeader>
  readonly payload: Buffer
}

/** Where the log of a data directory lies. */
export const logDirOf = (dataDir: string): string => join(dataDir, 'log')

/** Writes records to the log of a data directory, which no server has open. */
export async function writeRecords(
  dataDir: string,
  records: Iterable<RawRecord>,
): Promise<Awaited<ReturnType<Log['append']>>[]> {
  mkdirSync(logDirOf(dataDir), { recursive: true })
  const nowNs = () => BigInt(Date.now()) * 1_000_000n
  const log = await openLog({ disk: nodeDisk(logDirOf(dataDir), { flush: false }), nowNs })
  const written: Awaited<ReturnType<Log['append']>>[] = []
  for (const { header, payload } of records) {
    const full = { kind: 'otlpTraces', contentType: 'application/x-protobuf', ...header } as const
    written.push(await log.append({ ...full, receivedNs: nowNs() }, [payload]))
  }
  await log.close()
  return written
}

/** Gives a record another kind number, and the checksum that goes with it (layout in `log/encode.ts`). */
export function changeKind(dataDir: string, record: Position, kind: number): void {
  const segment = segmentOf(record)
  const path = join(logDirOf(dataDir), `${String(segment).padStart(8, '0')}.seg`)
  const file = readFileSync(path)
  const start = offsetOf(record)
  const bytes = file.subarray(start, start + file.readUInt32LE(start + 4))
  bytes.writeUInt16LE(kind, 10)
  bytes.writeUInt32LE((crc32(bytes.subarray(4)) ^ segment) >>> 0, 0)
  writeFileSync(path, file)
}
