// Whom a call belongs to: by path, headers, key, registered run, and W3C trace context.
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { CallAddress } from './address.ts'

/** Whom a key or a registered run stands for. */
export interface KnownOwner {
  readonly run?: string | undefined
  readonly rollout?: string | undefined
  readonly attempt?: string | undefined
}

/** Whom a call belongs to, and its place in a trace. */
export interface Attribution {
  readonly run?: string
  readonly rollout?: string
  readonly attempt?: string
  readonly mode?: string
  /** As the client sent it, when it is one. */
  readonly traceparent?: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}

const LONGEST_ID = 256

/** W3C Trace Context, version 00; later versions may append fields. */
const traceparentForm =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/

/**
 * Attributes a call. The path wins over headers of ours, these over those of Agent Lightning, and those over
 * what the key or the run says.
 */
export function attribute(
  address: CallAddress,
  headers: IncomingHttpHeaders,
  owner: KnownOwner | undefined,
  project: string | undefined,
): Attribution {
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST_ID) : undefined
  }
  const run = address.run ?? header('x-agl-run') ?? owner?.run
  const rollout =
    address.rollout ?? header('x-agl-rollout') ?? header('x-rollout-id') ?? owner?.rollout ?? run
  const attempt = address.attempt ?? header('x-agl-attempt') ?? header('x-attempt-id') ?? owner?.attempt
  const mode = address.mode ?? header('x-agl-mode')
  const traceparent = header('traceparent')
  const parent = traceparent === undefined ? undefined : traceparentForm.exec(traceparent)
  return {
    ...(run === undefined ? {} : { run }),
    ...(rollout === undefined ? {} : { rollout }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(mode === undefined ? {} : { mode }),
    ...(parent ? { traceparent: traceparent as string, parentSpanId: parent[2] as string } : {}),
    traceId:
      parent?.[1] ?? (rollout === undefined ? randomHex(16) : traceOfRollout(rollout, attempt, project)),
    spanId: randomHex(8),
  }
}

/** The trace of a rollout's attempt: the same on every server, so that its calls stay together over a restart. */
export function traceOfRollout(rollout: string, attempt = '', project = ''): string {
  const key = `agentlightning.rollout\n${project}\n${rollout}\n${attempt}`
  const cached = traces.get(key)
  if (cached !== undefined) return cached
  const trace = createHash('sha256').update(key).digest('hex').slice(0, 32)
  if (traces.size >= 10_000) traces.clear()
  traces.set(key, trace)
  return trace
}

const traces = new Map<string, string>()

/** Random bytes are drawn in bulk: one call of the generator per id costs more than the id is worth. */
let pool = Buffer.alloc(0)
let used = 0

function randomHex(bytes: number): string {
  for (;;) {
    if (used + bytes > pool.length) {
      pool = randomBytes(4096)
      used = 0
    }
    used += bytes
    const hex = pool.toString('hex', used - bytes, used)
    // All zeros is no id in W3C Trace Context.
    if (/[^0]/.test(hex)) return hex
  }
}
