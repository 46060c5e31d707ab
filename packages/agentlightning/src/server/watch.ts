// Notices what a user would otherwise search for long: requests that we do not know, requests that were
// refused, and clients that say hello but never send a span.
import type { ErrorCode } from '../errors.ts'

/** How long a client may stay without a span before it is worth a line. */
const SILENT_MS = 30_000
/** Distinct routes, refusals, clients that are remembered. */
const MAX_ENTRIES = 200
const MAX_TEXT = 300

/** A client that fetched a token or uploaded console text. */
interface Hello {
  readonly how: 'token' | 'log upload'
  readonly project: string
  readonly userAgent: string
  readonly atMs: number
}

/** A client from which no span came, and why that may be. */
export interface SilentClient {
  readonly how: Hello['how']
  readonly userAgent: string
  readonly sinceSeconds: number
  readonly likelyCause: string
}

/** One route that is not known, or one kind of refusal. */
export interface Counted {
  readonly what: string
  readonly count: number
  /** The newest example. */
  readonly example: string
  readonly lastMs: number
}

/** Counts by route and by client; in memory, since the start of the server. */
export class Watch {
  readonly #nowMs: () => number
  readonly #hellos = new Map<string, Hello>()
  readonly #unknown = new Map<string, Counted>()
  readonly #refused = new Map<string, Counted>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** A client showed up without a span so far. */
  hello(how: Hello['how'], project: string, userAgent: string): void {
    const key = `${how} ${project} ${userAgent}`
    if (this.#hellos.size >= MAX_ENTRIES && !this.#hellos.has(key)) return
    this.#hellos.set(key, { how, project, userAgent: userAgent.slice(0, MAX_TEXT), atMs: this.#nowMs() })
  }

  /** Spans came: of a project, or of nobody known (AgentOps 0.4.19+ sends the first ones without a token). */
  spans(project: string | undefined): void {
    if (this.#hellos.size === 0) return
    for (const [key, hello] of this.#hellos) {
      if (project === undefined || hello.project === project) this.#hellos.delete(key)
    }
  }

  /** A request under the emulated prefixes that no route answers. */
  unknown(method: string, path: string): void {
    this.#count(this.#unknown, `${method} ${path}`, path)
  }

  /** A request that was refused. */
  refused(code: ErrorCode, example: string): void {
    this.#count(this.#refused, code, example)
  }

  /** What `agl agentops status` shows. */
  report(): { unknown: Counted[]; refused: Counted[]; silentClients: SilentClient[] } {
    const now = this.#nowMs()
    const silentClients = [...this.#hellos.values()]
      .filter(({ atMs }) => now - atMs >= SILENT_MS)
      .map(({ how, userAgent, atMs }) => ({
        how,
        userAgent,
        sinceSeconds: Math.round((now - atMs) / 1000),
        likelyCause: likelyCause(how, userAgent),
      }))
    return { unknown: [...this.#unknown.values()], refused: [...this.#refused.values()], silentClients }
  }

  #count(counts: Map<string, Counted>, what: string, example: string): void {
    const shown = what.slice(0, MAX_TEXT)
    const before = counts.get(shown)
    if (!before && counts.size >= MAX_ENTRIES) return
    counts.set(shown, {
      what: shown,
      count: (before?.count ?? 0) + 1,
      example: example.slice(0, MAX_TEXT),
      lastMs: this.#nowMs(),
    })
  }
}

function likelyCause(how: Hello['how'], userAgent: string): string {
  const elsewhere =
    'The spans go elsewhere: set AGENTOPS_EXPORTER_ENDPOINT to <server>/v1/traces (it is not derived from ' +
    'AGENTOPS_API_ENDPOINT); a TracerProvider that the program set itself takes them as well.'
  if (/agentops-python\/0\.4\.(19|20|21)\b/.test(userAgent) || how === 'log upload') {
    return (
      'AgentOps 0.4.19–0.4.21 exports no span with opentelemetry-exporter-otlp-proto-http 1.45 or later: ' +
      `pip install "opentelemetry-exporter-otlp-proto-http<1.45". Otherwise: ${elsewhere}`
    )
  }
  return elsewhere
}
