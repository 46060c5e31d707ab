// Keeps the data directory below its cap: whole oldest segments go, with their rows of the index.
import { open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../log/log.ts'
import { positionOf } from '../log/record.ts'
import type { Logger } from '../logger.ts'
import type { ServerContext } from './context.ts'

/** Kept in reserve, so that the records and transactions of pruning fit on a full disk. */
const RESERVE_BYTES = 16 * 1024 * 1024
/** The newest bytes of the log, which are never removed because the disk is full. */
const KEPT_BYTES = 16 * 1024 * 1024
const CHECK_MS = 10_000
const PRUNE_WAIT_MS = 60_000

/** What retention needs of the server. */
export interface RetentionOptions {
  readonly context: Pick<ServerContext, 'index' | 'query' | 'append'>
  readonly log: Log
  readonly logger: Logger
  readonly dataDir: string
  readonly indexPath: string
  readonly maxDiskBytes: number
}

/** Prunes when the cap is passed, and when the disk is full. */
export class Retention {
  readonly #options: RetentionOptions
  readonly #reserve: string
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#reserve = reservePath(options.dataDir)
  }

  async open(): Promise<void> {
    await this.#fillReserve()
    this.#timer = setInterval(() => void this.check(), CHECK_MS)
    this.#timer.unref()
  }

  /** Prunes until the size is below the cap. One run at a time. */
  check(): Promise<void> {
    this.#running ??= this.#prune(false).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** The disk refused a write: gives the reserve back and prunes one segment, whatever the cap says. */
  diskFull(): Promise<void> {
    this.#running ??= this.#prune(true).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** The index found no room: what was acknowledged must be readable, so it gets the reserve at once. */
  async indexFull(): Promise<void> {
    await releaseReserve(this.#options.dataDir)
    await this.diskFull()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #prune(emergency: boolean): Promise<void> {
    const { log, logger, maxDiskBytes } = this.#options
    try {
      let urgent = emergency
      while (urgent || (await this.#size()) > maxDiskBytes) {
        const oldest = log.segments()[0]
        // The segment that is written to goes only once it is full. And where others fill the disk, what is
        // newest stays: pruning all of ours would not help for long.
        const tooNew = urgent && oldest !== undefined && log.bytes - oldest.bytes < KEPT_BYTES
        if (!oldest?.sealed || tooNew) {
          if (emergency) logger.error('The disk is full and there is no old segment to remove')
          break
        }
        if (urgent) await releaseReserve(this.#options.dataDir)
        urgent = false
        if (!(await this.#dropSegment(oldest.number, oldest.bytes))) break
      }
      await this.#fillReserve()
    } catch (error) {
      logger.error({ err: error }, 'Pruning failed; it is tried again')
    }
  }

  /** False when the index still needs the segment: the next check tries again. */
  async #dropSegment(segment: number, bytes: number): Promise<boolean> {
    const { context, log, logger, maxDiskBytes } = this.#options
    const payload = Buffer.from(JSON.stringify({ segment }))
    const { end } = await context.append({ kind: 'prune' }, [payload])
    // The file goes only when the index, flushed, no longer points into it.
    if (!(await context.index.waitFor(end, PRUNE_WAIT_MS))) return false
    if ((await context.index.checkpoint()) < positionOf(segment + 1, 0)) return false
    await log.dropSegment(segment)
    context.index.forget(segment + 1)
    context.query.forget(segment + 1)
    logger.info(`Removed segment ${segment} (${bytes} bytes) to stay below ${maxDiskBytes} bytes`)
    return true
  }

  async #size(): Promise<number> {
    const { log, indexPath } = this.#options
    const sizes = await Promise.all([indexPath, `${indexPath}-wal`].map(sizeOf))
    return log.bytes + sizes.reduce((sum, size) => sum + size, 0)
  }

  async #fillReserve(): Promise<void> {
    if ((await sizeOf(this.#reserve)) === RESERVE_BYTES) return
    try {
      // The last free bytes of a disk are for records.
      const { bavail, bsize } = await statfs(this.#options.dataDir)
      if (bavail * bsize < 2 * RESERVE_BYTES) throw new Error('too little space')
      const file = await open(this.#reserve, 'w', 0o600)
      try {
        // Written and not only sized: a sparse file reserves nothing.
        await file.write(Buffer.alloc(RESERVE_BYTES))
      } finally {
        await file.close()
      }
    } catch {
      await rm(this.#reserve, { force: true })
      this.#options.logger.warn('The disk has no room for the reserve of 16 MB')
    }
  }
}

/** Gives the reserve back to the disk; false when there was none. */
export async function releaseReserve(dataDir: string): Promise<boolean> {
  try {
    await rm(reservePath(dataDir))
    return true
  } catch {
    return false
  }
}

function reservePath(dataDir: string): string {
  return join(dataDir, 'reserve.bin')
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
