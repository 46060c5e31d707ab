// Scans large JSON bodies off the main thread, whose pauses gateway streams would feel (design §4).
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AglError, type ErrorCode } from '../../errors.ts'
import type { Signal } from '../../otlp/scan/signal-views.ts'
import type { ScanLimits, ScanResult } from '../../otlp/scan/span-view.ts'
import { type BodyEncoding, scanBody } from './scan-body.ts'
import { threadLimits } from './thread-limits.ts'

const threadFile = new URL(`./scan-thread${extname(import.meta.url)}`, import.meta.url)

/** JSON bodies above this size leave the main thread: about 2 ms of scanning. */
const INLINE_BYTES = 256 * 1024
/** The thread ends when it had nothing to do for so long: it costs memory. */
const IDLE_MS = 10_000

/** What the scan thread answers. */
export type FromScanThread =
  | {
      readonly id: number
      readonly ok: true
      readonly result: ScanResult
      readonly bytes: Uint8Array<ArrayBuffer>
    }
  | {
      readonly id: number
      readonly ok: false
      readonly code: ErrorCode
      readonly details: Readonly<Record<string, string | number>>
    }

export interface ToScanThread {
  readonly id: number
  readonly encoding: BodyEncoding
  readonly signal: Signal
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly limits: ScanLimits
}

interface Waiting {
  readonly resolve: (scanned: Scanned) => void
  readonly reject: (error: unknown) => void
}

/** A scanned body. `bytes` replaces the buffer that was handed in: it may have been to another thread. */
export interface Scanned {
  readonly result: ScanResult
  readonly bytes: Buffer
}

/** Scans bodies, here or in a thread of its own. */
export class ScanClient {
  /** What every body is held to. */
  readonly limits: ScanLimits
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1

  constructor(limits: ScanLimits) {
    this.limits = limits
  }

  /** Throws as `scanBody` does. */
  async scan(encoding: BodyEncoding, bytes: Buffer, signal: Signal = 'traces'): Promise<Scanned> {
    if (encoding === 'protobuf' || bytes.length <= INLINE_BYTES) {
      return { result: scanBody(encoding, bytes, this.limits, signal), bytes }
    }
    // Only a buffer that owns its memory can be handed over without a copy.
    const whole = bytes.byteOffset === 0 && bytes.length === bytes.buffer.byteLength
    const owned = (whole ? bytes : Buffer.from(new Uint8Array(bytes))) as Buffer<ArrayBuffer>
    const id = this.#nextId++
    const worker = this.#running()
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      const message: ToScanThread = { id, encoding, signal, bytes: owned, limits: this.limits }
      worker.postMessage(message, [owned.buffer])
    })
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  #running(): Worker {
    clearTimeout(this.#idle)
    if (this.#worker) return this.#worker
    const worker = new Worker(threadFile, { name: 'agl-scan', resourceLimits: threadLimits })
    this.#worker = worker
    worker.on('message', (message: FromScanThread) => this.#receive(message))
    worker.on('error', () => worker.terminate())
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      for (const { reject } of this.#waiting.values()) {
        reject(new AglError('AGL_OVERLOADED', { reason: 'the thread that scans large bodies ended' }))
      }
      this.#waiting.clear()
    })
    return worker
  }

  #receive(message: FromScanThread): void {
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (this.#waiting.size === 0) {
      this.#idle = setTimeout(() => this.#worker?.terminate(), IDLE_MS)
      this.#idle.unref()
    }
    if (!waiting) return
    if (!message.ok) {
      waiting.reject(new AglError(message.code, message.details))
      return
    }
    const { buffer, byteOffset, length } = message.bytes
    waiting.resolve({ result: message.result, bytes: Buffer.from(buffer, byteOffset, length) })
  }
}
