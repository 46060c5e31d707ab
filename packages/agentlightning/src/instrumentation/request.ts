// What is known of a request before it is sent, and the request flag that makes a server give its token ids.
import { type JsonObject, objectOf } from '../token-ids/json.ts'
import { asksItself, type Flag, flaggedText } from './flag.ts'

type RequestHeaders = NonNullable<RequestInit['headers']>

/** The APIs whose calls are looked at. */
export type CallApi = 'chat' | 'completions' | 'responses'

/** A call of a model, as far as the request says. */
export interface ModelRequest {
  readonly api: CallApi
  readonly url: URL
  /** The body, when it is JSON in a text; else empty. */
  readonly body: JsonObject
  /** The text of it. */
  readonly text: string | undefined
  readonly userAgent: string
}

const paths: readonly (readonly [RegExp, CallApi])[] = [
  [/\/chat\/completions$/, 'chat'],
  [/\/completions$/, 'completions'],
  [/\/responses$/, 'responses'],
]

/** Hosts that give no ids and refuse what they do not know. */
const refusing =
  /(^|\.)(openai\.com|azure\.com|anthropic\.com|googleapis\.com|mistral\.ai|groq\.com|x\.ai|cohere\.com|amazonaws\.com)$/

/** The call that a `fetch` makes; undefined when it is none of a model. Never throws. */
export function modelRequest(input: unknown, init: RequestInit | undefined): ModelRequest | undefined {
  const request = input instanceof Request ? input : undefined
  const method = init?.method ?? request?.method ?? 'GET'
  if (method.toUpperCase() !== 'POST') return undefined
  const address = request?.url ?? String(input)
  const query = address.search(/[?#]/)
  const path = query < 0 ? address : address.slice(0, query)
  const api = paths.find(([pattern]) => pattern.test(path))?.[1]
  const url = api && urlOf(address)
  if (!api || !url) return undefined
  const text = typeof init?.body === 'string' ? init.body : undefined
  return {
    api,
    url,
    body: objectOf(parsed(text)) ?? {},
    text,
    userAgent: headerOf(init?.headers ?? request?.headers, 'user-agent') ?? '',
  }
}

/** The key under which a server's refusal of the flag is remembered: it may take it in plain calls alone. */
export function refusalKey({ url, body }: ModelRequest): string {
  return `${url.origin}${url.pathname} ${body.stream === true ? 'streamed' : 'plain'}`
}

/**
 * The options of the call with a flag in its body; undefined where none belongs: one is there already, the body is no
 * JSON text, the host is known to refuse it, or the call is an echo, whose text the flag changes.
 */
export function withFlag(
  request: ModelRequest,
  init: RequestInit | undefined,
  flag: Flag,
): RequestInit | undefined {
  const { api, body, text, url } = request
  if (text === undefined || api === 'responses' || typeof body.model !== 'string') return undefined
  if (asksItself(body) || body.echo === true || refusing.test(url.hostname)) return undefined
  const flagged = flaggedText(text, flag)
  return { ...init, body: flagged, ...lengthOf(init?.headers, flagged) }
}

/** Addresses of our gateway, whatever its host is called here. */
const gatewayPath = /\/(gateway(\/r\/[^/]+)?|rollout\/[^/]+\/attempt\/[^/]+|k\/[^/]+)(\/v1)?\/[a-z/]+$/

/** Whether a call goes to our gateway. */
export function goesToGateway({ url }: ModelRequest, serverUrl: string | undefined): boolean {
  return (serverUrl !== undefined && url.href.startsWith(`${serverUrl}/`)) || gatewayPath.test(url.pathname)
}

/**
 * The options of the call with W3C Trace Context's header; as they are where the program sends its own, or where its
 * headers are not among them.
 */
export function withTraceparent(init: RequestInit | undefined, traceparent: string): RequestInit | undefined {
  if (!init?.headers || headerOf(init.headers, 'traceparent') !== undefined) return init
  return {
    ...init,
    headers: Object.fromEntries([...new Headers(init.headers), ['traceparent', traceparent]]),
  }
}

/** SDKs of old count the bytes themselves. */
function lengthOf(headers: RequestHeaders | undefined, body: string): { headers?: RequestHeaders } {
  if (headerOf(headers, 'content-length') === undefined) return {}
  const entries = [...new Headers(headers)].filter(([name]) => name !== 'content-length')
  return { headers: Object.fromEntries([...entries, ['content-length', `${Buffer.byteLength(body)}`]]) }
}

function headerOf(headers: RequestHeaders | undefined, name: string): string | undefined {
  if (!headers) return undefined
  if (typeof (headers as Headers).get === 'function') return (headers as Headers).get(name) ?? undefined
  const entries: readonly (readonly string[])[] = Array.isArray(headers)
    ? headers
    : Object.entries(headers as Record<string, string>)
  return entries.find(([key]) => key?.toLowerCase() === name)?.[1]
}

function urlOf(address: string): URL | undefined {
  try {
    return new URL(address)
  } catch {
    return undefined
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
