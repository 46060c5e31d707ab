// Figures about the running process.
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Event-loop delay since the last reset, ms. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Watches the main thread. */
export interface Health {
  readonly startedMs: number
  loopDelay(): LoopDelay
  close(): void
}

/** Sampling period of the delay, ms; it is part of each sample and taken off again. */
const RESOLUTION_MS = 10

/** Starts watching. */
export function createHealth(): Health {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  const ms = (ns: number) => Math.max(0, Math.round((ns / 1e6 - RESOLUTION_MS) * 10) / 10)
  return {
    startedMs: Date.now(),
    loopDelay: () =>
      histogram.count === 0
        ? { p50: 0, p99: 0, max: 0 }
        : { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) },
    close: () => histogram.disable(),
  }
}
