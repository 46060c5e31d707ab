// Which headers cross the gateway, and which are kept in the log.
import type { RecordedHeaders } from './record.ts'

/** Names and values in turn, as they stood on the wire. */
export type FlatHeaders = readonly string[]

/** The header that tells a gateway of its own requests. */
export const INSTANCE_HEADER = 'x-agl-instance'
/** The one header that the gateway adds to a reply. */
export const CALL_ID_HEADER = 'x-agl-call-id'

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Of a request: said anew for the upstream, or meant for this server. */
const requestOnly = new Set(['host', 'content-length', 'accept-encoding', 'expect'])

const secretName =
  /^(x-)?(goog-|agl-|agentops-)?api-?key$|(^|-)(authorization|cookie2?|token|secret|password|credentials?)$/

/** Headers for the upstream; `authorize` gives the credentials to send in place of the client's. */
export function upstreamHeaders(
  raw: FlatHeaders,
  options: {
    readonly instanceId: string
    readonly authorize: readonly (readonly [string, string])[] | undefined
    /** False when the body was decoded on its way. */
    readonly keepEncoding: boolean
  },
): string[] {
  const headers: string[] = ['accept-encoding', 'identity', INSTANCE_HEADER, options.instanceId]
  const named = connectionNames(raw)
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase()
    if (hopByHop.has(name) || requestOnly.has(name) || name.startsWith('x-agl-') || named?.has(name)) continue
    if (options.authorize && (name === 'authorization' || name === 'x-api-key')) continue
    if (!options.keepEncoding && name === 'content-encoding') continue
    headers.push(raw[at] as string, raw[at + 1] as string)
  }
  for (const [name, value] of options.authorize ?? []) headers.push(name, value)
  return headers
}

/** Headers for the client: all of the upstream's but those of one connection and of its clock. */
export function replyHeaders(raw: FlatHeaders): string[] {
  const headers: string[] = []
  const named = connectionNames(raw)
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase()
    if (hopByHop.has(name) || name === 'content-length' || name === 'date' || named?.has(name)) continue
    if (name === 'content-encoding' && raw[at + 1]?.toLowerCase() === 'identity') continue
    headers.push(raw[at] as string, raw[at + 1] as string)
  }
  return headers
}

/** What is kept of headers: no credentials, no cookies. */
export function recordedHeaders(raw: FlatHeaders): RecordedHeaders {
  const headers: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase()
    if (!isSecretHeader(name)) headers.push([name, raw[at + 1] as string])
  }
  return headers
}

/** True for a header (in lower case) whose value must not be kept. */
export function isSecretHeader(name: string): boolean {
  return secretName.test(name) || name === 'set-cookie' || name === 'x-agl-path-key'
}

/** The path as it is kept: values of parameters that hold keys are taken out. */
export function recordedPath(path: string): string {
  return path.includes('?')
    ? path.replace(/([?&](?:api[-_]?key|key|access_token|token)=)[^&]*/gi, '$1-')
    : path
}

/** The value of a header, its name in lower case. */
export function headerOf(raw: FlatHeaders, wanted: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string
    if (name.length === wanted.length && name.toLowerCase() === wanted) return raw[at + 1]
  }
  return undefined
}

/** Headers that a `Connection` header names besides the usual ones belong to that connection alone. */
function connectionNames(raw: FlatHeaders): Set<string> | undefined {
  const value = headerOf(raw, 'connection')?.toLowerCase()
  if (value === undefined || value === 'keep-alive' || value === 'close') return undefined
  return new Set(value.split(',').map((name) => name.trim()))
}
