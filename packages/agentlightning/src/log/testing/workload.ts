// A log under test together with what it promised: every record that was submitted and acknowledged.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Disk } from '../disk.ts'
import { type AppendOptions, type Log, type LogOptions, openLog } from '../log.ts'
import { type Damage, LogReader } from '../reader.ts'
import { type Position, positionOf, type RecordHeader, segmentOf } from '../record.ts'
import type { MemoryDisk } from './memory-disk.ts'

/** Small sizes, so that a few records already make groups and segments. */
const smallSizes = { segmentBytes: 2000, maxGroupBytes: 700, lingerMs: 0 } as const

/** A record as it was read. */
export interface Found {
  readonly start: Position
  readonly id: string
  readonly payload: Buffer
}

/** Runs `body` with a new directory that is removed afterwards. */
export async function withDirectory<Result>(body: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'agl-log-'))
  try {
    return await body(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The header of the test record `id`. */
export function noteHeader(id: string): RecordHeader {
  return { kind: 'note', receivedNs: 1_700_000_000_000_000_000n, sessionId: id }
}

/** Reads everything of a directory up to `upTo`. */
export function readAll(directory: string, upTo: Position): { found: Found[]; damage: Damage[] } {
  const found: Found[] = []
  const damage: Damage[] = []
  const reader = new LogReader(directory, { onDamage: (one) => damage.push(one) })
  try {
    const reached = reader.read(positionOf(1, 0), upTo, ({ start, header, payload }) => {
      found.push({ start, id: header?.sessionId ?? '', payload: Buffer.from(payload) })
    })
    if (reached !== upTo) throw new Error(`the reader stopped at ${reached}, not at ${upTo}`)
  } finally {
    reader.close()
  }
  return { found, damage }
}

/** Keeps account of a log through crashes and restarts. */
export class Ledger {
  readonly submitted = new Map<string, Buffer>()
  readonly acknowledged = new Map<string, Position>()
  /** Segments whose removal was asked for: they may be there or not. */
  readonly dropping = new Set<number>()
  #next = 0

  open(disk: Disk, options: Partial<LogOptions> = {}): Promise<Log> {
    return openLog({ disk, nowNs: () => 1_700_000_000_000_000_000n, ...smallSizes, ...options })
  }

  /** Appends a record of `length` payload bytes and notes when it is acknowledged. */
  async append(log: Log, length: number, options: AppendOptions = {}): Promise<void> {
    const id = `r${this.#next++}`
    const payload = Buffer.alloc(length, id)
    this.submitted.set(id, payload)
    const parts = [payload.subarray(0, length >> 1), payload.subarray(length >> 1)]
    const { start } = await log.append(noteHeader(id), parts, options)
    this.acknowledged.set(id, start)
  }

  async drop(log: Log, segment: number): Promise<void> {
    this.dropping.add(segment)
    await log.dropSegment(segment)
  }

  /** What is wrong with what a directory holds, measured against what was promised; empty when nothing is. */
  problems(found: readonly Found[]): string[] {
    const problems: string[] = []
    const byId = new Map(found.map((record) => [record.id, record]))
    if (byId.size !== found.length) problems.push('a record is there twice')
    for (const { id, payload } of found) {
      if (!this.submitted.get(id)?.equals(payload)) problems.push(`${id} is not as it was submitted`)
    }
    for (const [id, start] of this.acknowledged) {
      if (this.dropping.has(segmentOf(start))) continue
      if (byId.get(id)?.start !== start)
        problems.push(`${id}, acknowledged at ${start}, is at ${byId.get(id)?.start}`)
    }
    return problems
  }

  /** Problems of a disk in memory, read through real files; `damage` counts only where it is not expected. */
  async problemsOnDisk(disk: MemoryDisk, log: Log, damageExpected = false): Promise<string[]> {
    return withDirectory(async (directory) => {
      disk.dump(directory)
      const { found, damage } = readAll(directory, log.durable)
      const reported = damageExpected ? [] : damage.map((one) => `damage: ${JSON.stringify(one)}`)
      return [...this.problems(found), ...reported]
    })
  }
}
