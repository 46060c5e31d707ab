// The server's read API, as this page asks it.

import type {
  DecodedResource,
  DecodedScope,
  DecodedSpan,
} from '../../agentlightning/src/otlp/decode/types.ts'
import type {
  Facet,
  FacetField,
  TreeSpan as StoredSpan,
  TraceSummary as StoredTrace,
  TraceCount,
} from '../../agentlightning/src/store/contract.ts'
import type { Conversation, Message } from '../../agentlightning/src/trace/messages/types.ts'

/** A type as JSON carries it: 64-bit numbers as decimal text. */
export type Wire<T> = T extends bigint
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T

export type TraceSummary = Wire<StoredTrace>
export type TreeSpan = Wire<StoredSpan>

/** A page of the list. */
export interface TracesPage {
  readonly traces: readonly TraceSummary[]
  readonly cursor: string | null
}

/** A trace and a page of its spans. */
export interface TracePage {
  readonly trace: TraceSummary
  readonly spans: readonly TreeSpan[]
  readonly cursor: string | null
}

/** One span, nothing lost. */
export interface WholeSpan {
  readonly span: DecodedSpan
  readonly resource: DecodedResource | null
  readonly scope: DecodedScope | null
  readonly origin: string
  readonly receivedNs: string
}

/** An error in an answer. */
export interface ErrorBody {
  readonly code: string
  readonly message: string
  readonly action: string
}

/** An answer that is no success, with the words of the server's error catalogue. */
export class ApiError extends Error {
  readonly code: string
  readonly action: string
  readonly status: number

  constructor(status: number, error: ErrorBody) {
    super(error.message)
    this.status = status
    this.code = error.code
    this.action = error.action
  }
}

const keyName = 'agl-key'

/** The key that this tab was given; empty where the server wants none. */
export function savedKey(): string {
  try {
    return sessionStorage.getItem(keyName) ?? ''
  } catch {
    return ''
  }
}

/** Keeps a key for this tab. */
export function saveKey(key: string): void {
  sessionStorage.setItem(keyName, key)
}

/** An address of the API. A key stands in the path, since an event stream can carry no header. */
export function apiUrl(path: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const query = new URLSearchParams(given).toString()
  const key = savedKey()
  const base = key === '' ? '' : `/k/${encodeURIComponent(key)}`
  return `${base}/api/v1/${path}${query === '' ? '' : `?${query}`}`
}

type Parameters = Readonly<Record<string, string | undefined>>

/** The JSON of a GET. Rejects with `ApiError`. */
export function get<T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<T> {
  return ask(path, parameters, signal ? { signal } : {})
}

async function ask<T>(path: string, parameters: Parameters | undefined, how: RequestInit): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(apiUrl(path, parameters), { headers: { accept: 'application/json' }, ...how })
  } catch (cause) {
    if (how.signal?.aborted) throw cause
    throw new ApiError(0, {
      code: 'AGL_UNREACHABLE',
      message: 'The server does not answer.',
      action: 'Start it again with `agl agentops`; this page reconnects by itself.',
    })
  }
  if (answer.ok) return (await answer.json()) as T
  const body = (await answer.json().catch(() => ({}))) as { error?: ErrorBody }
  throw new ApiError(
    answer.status,
    body.error ?? {
      code: `HTTP ${answer.status}`,
      message: 'The server refused.',
      action: 'Reload the page.',
    },
  )
}

export const listTraces = (parameters: Parameters, signal: AbortSignal): Promise<TracesPage> =>
  get('traces', parameters, signal)

export const countTraces = (parameters: Parameters, signal: AbortSignal): Promise<TraceCount> =>
  get('count', parameters, signal)

/** Traces over time: bars side by side, oldest first. Not `complete` where only the newest traces are in them. */
export interface Histogram {
  readonly fromNs: string
  readonly widthNs: string
  readonly bars: readonly { readonly traces: number; readonly errors: number }[]
  readonly complete: boolean
}

export const getHistogram = (parameters: Parameters, signal: AbortSignal): Promise<Histogram> =>
  get('histogram', parameters, signal)

export type { FacetField }

export const getFacet = (field: FacetField, parameters: Parameters, signal: AbortSignal): Promise<Facet> =>
  get('facets', { ...parameters, field }, signal)

/** Deletes a trace; goes on when the page is left. */
export const deleteTrace = (id: string): Promise<unknown> =>
  ask(`traces/${id}`, undefined, { method: 'DELETE', keepalive: true })

export const getTrace = (id: string, cursor: string | undefined, signal: AbortSignal): Promise<TracePage> =>
  // Small pages: the first is there at once, and none holds up what others ask.
  get(`traces/${encodeURIComponent(id)}`, { limit: cursor === undefined ? '1000' : '2000', cursor }, signal)

export const getSpan = (trace: string, span: string, signal: AbortSignal): Promise<WholeSpan> =>
  get(`traces/${trace}/spans/${span}`, {}, signal)

export const getMessages = (trace: string, span: string, signal: AbortSignal): Promise<Conversation> =>
  get(`traces/${trace}/spans/${span}/messages`, {}, signal)

/** Messages of the first of the spans that were asked for, or of all of them: each message once, named by its place. */
export interface SharedMessages {
  readonly messages: readonly Message[]
  readonly spans: readonly (
    | { readonly spanId: string; readonly input: readonly number[]; readonly output: readonly number[] }
    | { readonly spanId: string; readonly error: ErrorBody }
  )[]
}

export const getSharedMessages = (
  trace: string,
  spans: readonly string[],
  signal: AbortSignal,
): Promise<SharedMessages> => get(`traces/${trace}/messages`, { spans: spans.join(',') }, signal)

/** Console text that an SDK uploaded. */
export const getLogs = (
  trace: string,
  signal: AbortSignal,
): Promise<{ logs: readonly { receivedNs: string; text: string }[]; truncated: boolean }> =>
  get(`traces/${trace}/console`, {}, signal)
