// The server itself: disk, index, event loop.
import { formatSize } from '../../cli/size.ts'
import { formatDuration } from '../../cli/views/format.ts'
import type { ServerFacts } from '../facts.ts'
import { type Finding, finding } from '../finding.ts'

/** Below this, the disk fills up within a day of ordinary use. */
const NEARLY_FULL_BYTES = 512 * 1024 * 1024
/** What the server keeps for itself: the reserve of retention and the last bytes that records leave. */
const FULL_BYTES = 20 * 1024 * 1024
const NEAR_CAP = 0.9
/** A second of what the index follows. */
const LAG_BYTES = 16 * 1024 * 1024
const SLOW_MS = 100
/** A start loads code and reads the index: that says nothing about what comes after. */
const SETTLED_SECONDS = 60

/** That it answers, and on which Node.js. */
export function checkIdentity({ version, nodeVersion, uptimeSeconds }: ServerFacts, url: string): Finding[] {
  const uptime = formatDuration(BigInt(Math.round(uptimeSeconds)) * 1_000_000_000n)
  return [
    finding('server.running', 'server', { url, version, uptime }),
    finding('node.ok', 'server', { version: nodeVersion }),
  ]
}

/** The data directory and its disk. */
export function checkDisk({ dataDir, notWritable, freeBytes, log }: ServerFacts): Finding[] {
  const cap = formatSize(log.maxDiskBytes)
  const used = formatSize(log.bytes)
  const nearCap = log.bytes > NEAR_CAP * log.maxDiskBytes
  return [
    notWritable === undefined
      ? finding('data_dir.ok', 'data directory', { dataDir })
      : finding('data_dir.not_writable', 'data directory', { dataDir, reason: notWritable }),
    checkFree(dataDir, freeBytes) ?? finding('disk.ok', 'disk', { free: formatSize(freeBytes), used, cap }),
    ...(nearCap ? [finding('disk.near_cap', 'disk', { used, cap })] : []),
  ]
}

/** A disk that is full or soon will be. */
export function checkFree(dataDir: string, freeBytes: number): Finding | undefined {
  const details = { dataDir, free: formatSize(freeBytes) }
  if (freeBytes < FULL_BYTES) return finding('disk.full', 'disk', details)
  return freeBytes < NEARLY_FULL_BYTES ? finding('disk.nearly_full', 'disk', details) : undefined
}

/** What of the log could not be read. */
export function checkLog({ log: { cutBytes, damaged } }: ServerFacts): Finding[] {
  const [example = ''] = damaged
  const count = damaged.length
  return [
    ...(count > 0 ? [finding('log.damaged', 'log', { count, example }, { count, examples: damaged })] : []),
    ...(cutBytes > 0 ? [finding('log.cut', 'log', { cut: formatSize(cutBytes) })] : []),
  ]
}

/** The index: how far behind, what it could not read. */
export function checkIndex({ index }: ServerFacts): Finding[] {
  const { traces, spans, lagBytes, setAsideCount, setAside, restarts } = index
  const newest = setAside.at(-1)
  return [
    lagBytes > LAG_BYTES
      ? finding('index.lag', 'index', { lag: formatSize(lagBytes) })
      : finding('index.ok', 'index', { traces, spans }),
    ...(restarts > 0 ? [finding('index.restarted', 'index', { count: restarts })] : []),
    ...(setAsideCount > 0
      ? [
          finding(
            'records.set_aside',
            'index',
            { count: setAsideCount, example: newest ? `${newest.kind}: ${newest.error}` : 'not known' },
            { count: setAsideCount },
          ),
        ]
      : []),
  ]
}

/** How fast the main thread reacts. */
export function checkLoop({ loop: { p99, max }, uptimeSeconds }: ServerFacts): Finding[] {
  if (uptimeSeconds < SETTLED_SECONDS) return []
  return [finding(p99 > SLOW_MS ? 'loop.slow' : 'loop.ok', 'server', { p99, max })]
}
