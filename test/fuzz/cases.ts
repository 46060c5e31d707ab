// One case: a recorded or made request, changed at any of its layers: route, query, headers, encoding, body.
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { callSeeds, controlSeeds } from './gateway-seeds.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { mutateJson, renewTextIds } from './mutate-json.ts'
import { mutateProtobuf, renewIds } from './mutate-protobuf.ts'
import { type Dice, diceOf } from './random.ts'
import { goldenSeeds, madeSeeds, otlpPaths, readSeed, readSeeds, type Seed } from './seeds.ts'
import { CASE_HEADER } from './upstream.ts'

/** A request to be sent. */
export interface Case {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly chunked: boolean
}

/** What cases may refer to: ids of traces, spans and model calls of the server, and a token that it gave. */
export interface Known {
  /** Paths of the read API with `{…}` for ids, and their parameters, as the server describes them. */
  readonly reads: readonly { readonly path: string; readonly parameters: readonly string[] }[]
  readonly traces: readonly string[]
  readonly spans: readonly string[]
  readonly calls: readonly string[]
  readonly token: string
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND']
const contentTypes = [
  'application/json',
  'application/x-protobuf',
  'application/json; charset=utf-16',
  'text/plain',
  'application/octet-stream',
  'multipart/form-data',
  '',
  ';;',
  'x'.repeat(400),
]
const junk = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '99999999999999999999',
  'NaN',
  'null',
  'a'.repeat(3000),
  '%00',
  '%ff%fe',
  '%',
  '..%2f..%2f',
  "' OR 1=1 --",
  '%F0%9F%98%80',
  '[]',
  '1',
  '10',
  'error',
  'name',
  '15m',
  '2024-01-01',
  '0.0',
  '9999999h',
  '1:2',
]
const parameters = [
  'limit',
  'cursor',
  'project',
  'status',
  'service',
  'agent',
  'model',
  'tag',
  'session',
  'user',
  'name',
  'id',
  'since',
  'until',
  'trace_id',
  'session_id',
  'rollout',
  'run',
  'unknown',
  '__proto__',
]
const agents = ['agentops-python/0.4.21', 'OTel-OTLP-Exporter-Python/1.36', '\u00e4'.repeat(500), '']
const authorizations = [
  'Bearer None',
  'Bearer',
  'Basic eDp5',
  'Bearer a.b.c',
  `Bearer ${'x'.repeat(6000)}`,
  'Bearer eyJhbGciOiJub25lIn0.eyJzZXNzaW9uX2lkIjoxfQ.',
]
const noteworthy = [
  'traceparent',
  'trace-id',
  'x-agentops-parent-key',
  'x-agentops-auth',
  'x-api-key',
  'if-none-match',
  'range',
  'accept',
  'accept-encoding',
  'x-agl-path-key',
  'x-http-method-override',
  'host',
  'origin',
  'sec-fetch-site',
]

/** Case `at` of a run. */
export function caseOf(seed: number, at: number, known: Known): Case {
  const dice = diceOf(seed, at)
  const described = known.reads.length > 0 && dice.once(6) ? dice.pick(known.reads) : undefined
  const from = described ? readSeed(described.path) : someSeed(dice)
  const path = pathOf(dice, from, known, described?.parameters ?? [])
  const headers = headersOf(dice, from, known)
  headers[CASE_HEADER] = String(at)
  const { body, encoding } = encoded(dice, bodyOf(dice, from))
  if (encoding !== undefined) headers['content-encoding'] = encoding
  const method = dice.once(40) ? dice.pick(methods) : from.method
  return { method, path, headers, body, chunked: dice.once(5) }
}

function someSeed(dice: Dice): Seed {
  if (dice.once(5)) return dice.pick(readSeeds)
  if (dice.once(4)) return dice.pick(dice.once(5) ? controlSeeds : callSeeds)
  return dice.once(3) ? dice.pick(madeSeeds) : dice.pick(goldenSeeds)
}

function bodyOf(dice: Dice, { body, format }: Seed): Buffer {
  const other = dice.pick(goldenSeeds).body
  if (format === 'none') return dice.once(20) ? other : body
  const renewed = format === 'json' ? renewTextIds : renewIds
  const start = dice.once(2) ? renewed(dice, body) : body
  const choice = dice.below(12)
  if (choice === 0) return start
  if (choice === 1)
    return dice.pick([Buffer.alloc(0), other, Buffer.from('null'), Buffer.from('[]'), dice.bytes(40)])
  if (choice <= 3) return mutateBytes(dice, start, other)
  const changed = format === 'json' ? mutateJson(dice, start) : mutateProtobuf(dice, start)
  return dice.once(6) ? mutateBytes(dice, changed, other) : changed
}

function pathOf(dice: Dice, from: Seed, known: Known, own: readonly string[]): string {
  const id = (ids: readonly string[]): string => {
    if (ids.length > 0 && !dice.once(5)) return dice.pick(ids)
    return dice.once(2) ? dice.bytes(8).toString('hex') : encodeURIComponent(dice.pick(junk))
  }
  const isSignal = /\/(traces|logs|metrics)\/?$/.test(from.path) && from.method === 'POST'
  let path = isSignal && dice.once(3) ? dice.pick(otlpPaths) : from.path
  path = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    id(/\/calls\//.test(from.path) ? known.calls : /^span/.test(name) ? known.spans : known.traces),
  )
  if (dice.once(30))
    path = dice.pick([
      `/${path}`,
      `${path}/`,
      `${path}//`,
      path.toUpperCase(),
      `/k/${dice.pick(junk).replaceAll(' ', '')}${path}`,
      `${path}%2f`,
      `/x${path}`,
    ])
  const queries = dice.once(from.format === 'none' ? 2 : 20) ? 1 + dice.below(3) : 0
  const query = Array.from(
    { length: queries },
    () =>
      `${dice.pick(own.length > 0 && !dice.once(4) ? own : parameters)}=${dice.pick(junk).replaceAll(' ', '+')}`,
  )
  return query.length > 0 ? `${path}?${query.join('&')}` : path
}

function headersOf(dice: Dice, from: Seed, known: Known): Record<string, string> {
  const headers: Record<string, string> = { ...from.headers }
  if (headers.authorization !== undefined) headers.authorization = `Bearer ${known.token}`
  if (dice.once(8)) headers.authorization = dice.pick(authorizations)
  if (dice.once(10)) headers['content-type'] = dice.pick(contentTypes)
  if (dice.once(20)) headers['user-agent'] = dice.pick(agents)
  if (dice.once(20)) headers[dice.pick(noteworthy)] = dice.pick(junk)
  return headers
}

function encoded(dice: Dice, body: Buffer): { body: Buffer; encoding: string | undefined } {
  if (!dice.once(6)) return { body, encoding: undefined }
  const [encoding, bytes] = dice.pick<() => [string, Buffer]>([
    () => ['gzip', gzipSync(body)],
    () => ['GZIP', gzipSync(body)],
    () => ['deflate', deflateSync(body)],
    () => ['deflate', deflateRawSync(body)],
    () => ['zstd', zstdCompressSync(body)],
    () => ['br', brotliCompressSync(body)],
    () => ['gzip, gzip', gzipSync(gzipSync(body))],
    () => ['gzip', body],
    () => ['identity', body],
    () => ['', body],
    () => ['gzip', gzipSync(Buffer.alloc(8 * 1024 * 1024))],
    () => ['gzip', Buffer.concat([gzipSync(body), gzipSync(body)])],
  ])()
  return { body: dice.once(4) ? mutateBytes(dice, bytes, body) : bytes, encoding }
}
