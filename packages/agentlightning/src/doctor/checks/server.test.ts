import { describe, expect, it } from 'vitest'
import { AglError } from '../../errors.ts'
import { examineServer } from '../examine.ts'
import type { ServerFacts } from '../facts.ts'
import { worstFirst } from '../finding.ts'
import { someServer } from '../fixtures/facts.ts'

const url = 'http://localhost:8002'
const sinceMs = 1_000
const bad = (changes: Partial<ServerFacts>) =>
  examineServer(someServer(changes), url, sinceMs).filter(({ level }) => level !== 'ok')
const codes = (changes: Partial<ServerFacts>) => bad(changes).map(({ code }) => code)
const { requests: noRequests, log } = someServer()

describe('a server', () => {
  it('with which nothing is wrong gets only good words', () => {
    const found = examineServer(someServer(), url, sinceMs)
    expect(found.every(({ level, todo }) => level === 'ok' && todo === '')).toBe(true)
    expect(found.map(({ sentence }) => sentence)).toContain(
      'The server at http://localhost:8002 answers: version 1.2.3, up 1 m 01 s.',
    )
    for (const { sentence } of found) expect(sentence).not.toMatch(/[{}]|undefined/)
  })

  it('is told what of its log could not be read', () => {
    expect(bad({ log: { ...log, cutBytes: 1200, damaged: ['segment 1, byte 80'] } })).toMatchObject([
      {
        code: 'log.damaged',
        level: 'warn',
        count: 1,
        sentence: expect.stringContaining('segment 1, byte 80'),
      },
      { code: 'log.cut', level: 'info', sentence: expect.stringContaining('1.2 kB') },
    ])
  })

  it('is told that its disk is nearly full, full, or its cap near', () => {
    expect(codes({ freeBytes: 100e6 })).toEqual(['disk.nearly_full'])
    expect(codes({ freeBytes: 10e6 })).toEqual(['disk.full'])
    expect(codes({ log: { ...log, bytes: 9.5e9 } })).toEqual(['disk.near_cap'])
    expect(bad({ notWritable: 'EACCES' })).toMatchObject([
      { code: 'data_dir.not_writable', level: 'error', sentence: expect.stringContaining('EACCES') },
    ])
  })

  it('is told of records set aside, of lag and of restarts of the index', () => {
    const { index } = someServer()
    const setAside = [{ kind: 'otlpTraces', error: 'cut short' }]
    expect(bad({ index: { ...index, setAsideCount: 7, setAside } })).toMatchObject([
      { code: 'records.set_aside', count: 7, sentence: expect.stringContaining('otlpTraces: cut short') },
    ])
    expect(codes({ index: { ...index, lagBytes: 17 * 1024 * 1024, restarts: 2 } })).toEqual([
      'index.lag',
      'index.restarted',
    ])
  })

  it('is told that it reacts slowly, not while it starts', () => {
    expect(codes({ loop: { p50: 10, p99: 300, max: 900 }, uptimeSeconds: 59 })).toEqual([])
    expect(codes({ loop: { p50: 10, p99: 101, max: 900 } })).toEqual(['loop.slow'])
    expect(codes({ loop: { p50: 10, p99: 100, max: 900 } })).toEqual([])
  })
})

describe('requests', () => {
  const unknown = (what: string) => ({ what, count: 2, example: undefined, lastMs: 0 })

  it.each([
    ['POST /v1/trace', '/v1/traces'],
    ['POST /traces', '/v1/traces'],
    ['POST /v1/traces/v1/traces', 'adds /v1/traces itself'],
    ['POST /v1/chat/completions', '/gateway/v1'],
    ['POST /opentelemetry.proto.collector.trace.v1.TraceService/Export', '--otlp-ports'],
  ])('to %s are explained', (route, fix) => {
    expect(bad({ requests: { ...noRequests, unknown: [unknown(route)] } })).toMatchObject([
      { code: 'requests.wrong_endpoint', subject: route, todo: expect.stringContaining(fix) },
    ])
  })

  it('of which nothing is known are notes', () => {
    const routes = [unknown('GET /favicon.ico'), unknown('POST /graphql'), unknown('GET /traces')]
    const found = bad({ requests: { ...noRequests, unknown: routes } })
    expect(found.map(({ code, level }) => [code, level])).toEqual(
      routes.map(() => ['requests.unknown', 'info']),
    )
    expect(found[1]?.todo).toBe('If these are spans, send them to /v1/traces.')
    expect([found[0]?.todo, found[2]?.todo]).toEqual(Array(2).fill(expect.stringContaining('openapi.json')))
  })

  it('that were refused come with the newest example and what to do', () => {
    const one = { count: 3, example: 'POST /v1/traces: no key', lastMs: 2_000 }
    const refused = ['AGL_UNAUTHORIZED', 'AGL_BAD_REQUEST', 'AGL_NOT_FOUND', 'other'].map((what) => ({
      what,
      ...one,
    }))
    const found = bad({ requests: { ...noRequests, refused } })
    expect(found.map(({ todo }) => todo)).toEqual([
      'Give the program the key of this server: eval "$(agl agentops env)"',
      'Correct the request and send it again.',
      'See the code in docs/errors.md.',
      'See the code in docs/errors.md.',
    ])
    expect(found[0]).toMatchObject({
      code: 'requests.refused',
      count: 3,
      sentence: 'Requests refused with AGL_UNAUTHORIZED: 3. The newest: POST /v1/traces: no key.',
      lastMs: 2_000,
    })
  })

  it('of which none came lately are notes: they may be mended', () => {
    const refused = [{ what: 'AGL_UNAUTHORIZED', count: 3, example: 'no key', lastMs: 999 }]
    const found = bad({
      requests: { ...noRequests, refused, unknown: [{ ...unknown('POST /v1/trace'), lastMs: 999 }] },
    })
    expect(found.map(({ code, level }) => [code, level])).toEqual([
      ['requests.refused', 'info'],
      ['requests.wrong_endpoint', 'info'],
    ])
  })

  it.each([
    [
      'AGL_METHOD_NOT_ALLOWED',
      'POST /: POST is not offered on /. (OTel-OTLP-Exporter-Python/1.36.0)',
      '/v1/traces',
    ],
    ['AGL_METHOD_NOT_ALLOWED', 'PUT /health: PUT is not offered on /health. (curl)', 'Allow header'],
    [
      'AGL_HOST_REFUSED',
      'GET /: Requests for the host agl.local are refused. (curl)',
      '--allow-host agl.local',
    ],
    [
      'AGL_ORIGIN_REFUSED',
      'GET /: Requests from web pages of http://a:3 are refused. (x)',
      '--allow-origin http://a:3',
    ],
    [
      'AGL_TLS_REFUSED',
      new AglError('AGL_TLS_REFUSED', { port: 8002 }).message,
      'http:// in place of https://',
    ],
  ] as const)('refused with %s: %s', (what, example, fix) => {
    const refused = [{ what, count: 1, example, lastMs: 2_000 }]
    expect(bad({ requests: { ...noRequests, refused } })).toMatchObject([
      { subject: what, level: 'warn', todo: expect.stringContaining(fix) },
    ])
  })

  it('of clients that never send a span are told apart by what is known of them', () => {
    const silent = (userAgent: string) => ({
      how: 'token' as const,
      userAgent,
      sinceSeconds: 40,
      likelyCause: 'elsewhere',
    })
    const twice = { ...silent('agentops-python/0.4.21'), how: 'log upload' as const }
    const silentClients = [
      silent('agentops-python/0.4.21'),
      twice,
      silent('agentops-python/0.4.13'),
      silent(''),
    ]
    const found = bad({ requests: { ...noRequests, silentClients } })
    expect(found.map(({ code }) => code)).toEqual([
      'clients.exports_nothing',
      'clients.silent',
      'clients.silent',
    ])
    const [waiting] = bad({ waitingClients: [{ ...silent('agentops-python/0.4.21'), sinceSeconds: 4 }] })
    expect(waiting).toMatchObject({ code: 'clients.waiting', level: 'info' })
    expect(found[0]?.todo).toContain('<1.45')
    expect(found[2]?.sentence).toMatch(/^A client without a name/)
  })
})

describe('the gateway', () => {
  const { gateway } = someServer()

  it('without upstreams is a note, paused or losing calls is not', () => {
    expect(codes({ gateway: { ...gateway, upstreams: [], recorded: 0 } })).toEqual(['gateway.no_upstream'])
    expect(codes({ gateway: { ...gateway, paused: true, unrecorded: 2 } })).toEqual([
      'gateway.paused',
      'gateway.unrecorded',
    ])
  })

  it('names an upstream that does not answer, and flags that one refuses', () => {
    const upstreams = [
      { name: 'tiny', url: 'http://localhost:8000', error: 'ECONNREFUSED' },
      { name: 'big', url: 'http://localhost:8001' },
    ]
    expect(bad({ upstreams })).toMatchObject([
      { code: 'gateway.upstream_down', subject: 'tiny', sentence: expect.stringContaining('ECONNREFUSED') },
    ])
    const refusing = { ...gateway.upstreams[0]!, refusedFlags: { chat: ['return_token_ids'] } }
    expect(bad({ gateway: { ...gateway, upstreams: [refusing] } })).toMatchObject([
      { code: 'gateway.flag_refused', sentence: expect.stringContaining('return_token_ids') },
    ])
  })
})

it('the worst findings come first', () => {
  const found = examineServer(
    someServer({ freeBytes: 1, loop: { p50: 0, p99: 500, max: 600 } }),
    url,
    sinceMs,
  )
  expect(
    worstFirst(found)
      .map(({ level }) => level)
      .slice(0, 3),
  ).toEqual(['error', 'warn', 'ok'])
})
