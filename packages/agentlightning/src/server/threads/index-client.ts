// The main thread's side of the index thread: feeds it, waits on it, restarts it when it dies.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Position } from '../../log/record.ts'
import type { Logger } from '../../logger.ts'
import type { ScanLimits } from '../../otlp/scan/span-view.ts'
import type { FromIndexThread, IndexThreadData, ToIndexThread } from './index-messages.ts'
import { IndexShared } from './index-shared.ts'
import { threadLimits } from './thread-limits.ts'

const threadFile = new URL(`./index-thread${extname(import.meta.url)}`, import.meta.url)

/** Deaths at one record before it is set aside: the first may have been chance. */
const TRIES = 2
/** Places of a damaged log that are remembered. */
const MOST_DAMAGED = 100
/** Pause before a restart: doubled with each death that follows without any progress in between. */
const RESTART_MS = 100
const LONGEST_RESTART_MS = 2000
const SQLITE_FULL = 13

/** Counts since the start of the server. */
export interface IndexCounts {
  readonly spans: number
  readonly duplicates: number
  readonly dropped: number
  readonly setAside: number
  readonly restarts: number
}

/** Options of `IndexClient`. */
export interface IndexClientOptions {
  readonly logDir: string
  readonly indexPath: string
  readonly limits: ScanLimits
  readonly logger: Logger
  /** After each transaction. */
  readonly onStep?: () => void
  /** When the index found no room on the disk; the thread is started again. */
  readonly onDiskFull?: () => void
}

/** Runs the index thread. Everything it was told to follow is followed, over crashes too. */
export class IndexClient {
  /** Position up to which the index is written. */
  position: Position = 0
  /** Places of the log that could not be read since the start of the server, the first 100. */
  readonly damaged = new Set<string>()
  counts: IndexCounts = { spans: 0, duplicates: 0, dropped: 0, setAside: 0, restarts: 0 }
  readonly #options: IndexClientOptions
  readonly #shared = new IndexShared()
  readonly #deaths = new Map<Position, number>()
  readonly #waiters = new Set<{ readonly upTo: Position; readonly done: (reached: boolean) => void }>()
  readonly #checkpoints: ((at: Position) => void)[] = []
  #worker: Worker | undefined
  #opened: { resolve: () => void; reject: (error: unknown) => void } | undefined
  #target: Position = 0
  #closing = false
  #cramped = false
  #restartMs = RESTART_MS

  constructor(options: IndexClientOptions) {
    this.#options = options
  }

  /** Starts the thread; resolves when its database is open. */
  async open(): Promise<void> {
    this.#closing = false
    await new Promise<void>((resolve, reject) => {
      this.#opened = { resolve, reject }
      this.#start()
    })
  }

  /** Says that the log is flushed up to here. */
  follow(upTo: Position): void {
    if (upTo <= this.#target) return
    this.#target = upTo
    this.#shared.target = upTo
    if (this.#shared.takeRest()) this.#send({ do: 'follow' })
  }

  /** Resolves to true when the index has reached `upTo`, to false after `timeoutMs`. */
  waitFor(upTo: Position, timeoutMs: number): Promise<boolean> {
    if (this.position >= upTo) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.done(false), timeoutMs)
      const waiter = {
        upTo,
        done: (reached: boolean) => {
          clearTimeout(timer)
          this.#waiters.delete(waiter)
          resolve(reached)
        },
      }
      this.#waiters.add(waiter)
    })
  }

  /** Closes the files of segments below this number, which were removed: their space becomes free. */
  forget(below: number): void {
    this.#send({ do: 'forget', below })
  }

  /** Makes the index durable up to the position that it resolves to. */
  checkpoint(): Promise<Position> {
    return new Promise((resolve) => {
      this.#checkpoints.push(resolve)
      this.#send({ do: 'checkpoint' })
    })
  }

  /** Ends the thread after its current transaction. What it did not reach is followed at the next start. */
  async close(): Promise<void> {
    this.#closing = true
    const worker = this.#worker
    if (!worker) return
    await new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
      this.#send({ do: 'close' })
    })
  }

  /** Kills the thread as a crash would. For tests of the restart. */
  async kill(): Promise<void> {
    await this.#worker?.terminate()
  }

  #send(message: ToIndexThread): void {
    this.#worker?.postMessage(message)
  }

  #start(): void {
    const { logDir, indexPath, limits } = this.#options
    const poisoned = [...this.#deaths].filter(([, deaths]) => deaths >= TRIES).map(([record]) => record)
    this.#shared.current = -1
    this.#shared.takeRest()
    const data: IndexThreadData = {
      logDir,
      indexPath,
      limits,
      shared: this.#shared.buffer,
      poisoned,
      cramped: this.#cramped,
    }
    const worker = new Worker(threadFile, {
      workerData: data,
      name: 'agl-index',
      resourceLimits: threadLimits,
    })
    this.#worker = worker
    worker.on('message', (message: FromIndexThread) => this.#receive(message))
    worker.on('error', (error) => {
      this.#options.logger.error({ err: error }, 'The index thread failed')
      if ((error as { errcode?: number }).errcode === SQLITE_FULL) {
        this.#cramped = true
        this.#options.onDiskFull?.()
      }
      this.#opened?.reject(error)
      this.#opened = undefined
    })
    worker.on('exit', () => this.#ended(worker))
  }

  #receive(message: FromIndexThread): void {
    if (message.did === 'checkpoint') {
      this.#checkpoints.shift()?.(message.at)
      return
    }
    if (message.did === 'damage') {
      const { segment, offset, reason } = message
      if (this.damaged.size < MOST_DAMAGED) this.damaged.add(`segment ${segment}, byte ${offset}`)
      this.#options.logger.error(`Segment ${segment} of the log is damaged at byte ${offset}: ${reason}`)
      return
    }
    if (message.did === 'rebuild') {
      this.#options.logger.warn(`${message.why} This happens now, in the background.`)
      return
    }
    this.position = message.position
    if (message.did === 'open') {
      this.#opened?.resolve()
      this.#opened = undefined
      // Asked of a thread that died since.
      for (const _ of this.#checkpoints) this.#send({ do: 'checkpoint' })
    } else {
      this.#restartMs = RESTART_MS
      const { counts } = this
      this.counts = {
        spans: counts.spans + message.spans,
        duplicates: counts.duplicates + message.duplicates,
        dropped: counts.dropped + message.dropped,
        setAside: counts.setAside + message.setAside,
        restarts: counts.restarts,
      }
      if (message.setAside > 0) {
        this.#options.logger.warn(`${message.setAside} record(s) could not be indexed and were set aside`)
      }
      this.#options.onStep?.()
    }
    for (const waiter of [...this.#waiters]) if (this.position >= waiter.upTo) waiter.done(true)
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    if (this.#closing) return
    const record = this.#shared.current
    if (record >= 0) this.#deaths.set(record, (this.#deaths.get(record) ?? 0) + 1)
    this.counts = { ...this.counts, restarts: this.counts.restarts + 1 }
    this.#options.logger.warn('The index thread ended and is started again; nothing is lost')
    setTimeout(() => {
      if (!this.#closing && !this.#worker) this.#start()
    }, this.#restartMs).unref()
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS)
  }
}
