// Notices what a user would otherwise search for long: requests that we do not know, requests that were
// refused, and clients that say hello but never send a span.
import type { ErrorCode } from '../errors.ts'
import { redacted } from './redact.ts'

/** How long a client may stay without a span before it is worth a line. */
const SILENT_MS = 30_000
/** Distinct routes, refusals, clients that are remembered. */
const MAX_ENTRIES = 200
const MAX_TEXT = 300
/** Of a body in an example. */
const MAX_BODY_TEXT = 500
/** Stands for the routes beyond those that are remembered. */
const OTHER_ROUTES = 'other routes'

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

/** A request that no route answers, as far as it can be shown: without keys and tokens, and cut. */
export interface UnknownExample {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly contentType: string
  readonly userAgent: string
  /** The beginning of the body; its size where it is no text. */
  readonly body: string
}

/** One route that is not known; `what` has `:id` in place of ids and numbers. */
export interface UnknownRoute {
  readonly what: string
  readonly count: number
  /** Its first request. */
  readonly example: UnknownExample | undefined
  readonly lastMs: number
}

/** One kind of refusal. */
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
  readonly #unknown = new Map<string, UnknownRoute>()
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

  /**
   * A request that no route answers. True when the route has no example yet: the caller then hands one to
   * `unknownExample`, when it has read the body.
   */
  unknown(method: string, path: string): boolean {
    const route = routeOf(method, path)
    const known = this.#unknown.has(route) || this.#unknown.size < MAX_ENTRIES - 1
    const what = known ? route : OTHER_ROUTES
    const before = this.#unknown.get(what)
    const count = (before?.count ?? 0) + 1
    this.#unknown.set(what, { what, count, example: before?.example, lastMs: this.#nowMs() })
    return known && before === undefined
  }

  /** The example of a route that `unknown` counted. */
  unknownExample(path: string, example: UnknownExample): void {
    const what = routeOf(example.method, path)
    const counted = this.#unknown.get(what)
    if (!counted || counted.example) return
    this.#unknown.set(what, {
      ...counted,
      example: {
        method: cut(example.method, MAX_TEXT),
        path: safe(example.path, MAX_TEXT),
        contentType: safe(example.contentType, MAX_TEXT),
        userAgent: safe(example.userAgent, MAX_TEXT),
        body: safe(example.body, MAX_BODY_TEXT),
      },
    })
  }

  /** A request that was refused. */
  refused(code: ErrorCode, example: string): void {
    this.#count(this.#refused, code, example)
  }

  /** What `agl agentops status` shows. */
  report(): { unknown: UnknownRoute[]; refused: Counted[]; silentClients: SilentClient[] } {
    const silentClients = this.#clients((ageMs) => ageMs >= SILENT_MS)
    return { unknown: [...this.#unknown.values()], refused: [...this.#refused.values()], silentClients }
  }

  /** Clients that came so lately that their spans may be on the way. */
  waiting(): SilentClient[] {
    return this.#clients((ageMs) => ageMs < SILENT_MS)
  }

  #clients(fits: (ageMs: number) => boolean): SilentClient[] {
    const now = this.#nowMs()
    return [...this.#hellos.values()]
      .filter(({ atMs }) => fits(now - atMs))
      .map(({ how, userAgent, atMs }) => ({
        how,
        userAgent,
        sinceSeconds: Math.round((now - atMs) / 1000),
        likelyCause: likelyCause(how, userAgent),
      }))
  }

  #count(counts: Map<string, Counted>, what: string, example: string): void {
    const shown = what.slice(0, MAX_TEXT)
    const before = counts.get(shown)
    if (!before && counts.size >= MAX_ENTRIES) return
    counts.set(shown, {
      what: shown,
      count: (before?.count ?? 0) + 1,
      example: safe(example, MAX_TEXT),
      lastMs: this.#nowMs(),
    })
  }
}

/** Method and path, with ids and numbers as `:id`: one route is not a hundred. */
function routeOf(method: string, path: string): string {
  const route = path.replace(
    /\/(?:\d+|[0-9a-f]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\/|$)/gi,
    '/:id',
  )
  return safe(`${method} ${route}`, MAX_TEXT)
}

/** Without secrets, in at most `most` characters. Only as much is looked through as could be shown. */
function safe(text: string, most: number): string {
  return cut(redacted(text.slice(0, most * 8)), most)
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
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
