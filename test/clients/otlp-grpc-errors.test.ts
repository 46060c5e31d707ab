// What a gRPC client is told when its call is refused, and that nothing which it sends harms the server.
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, until } from '../support/agl.ts'
import { call, exportMethods, grpcPortOf } from '../support/grpc.ts'
import { request } from '../support/http.ts'
import {
  newTraceId,
  protobufBody,
  readPartialSuccess,
  readStatusMessage,
  someSpan,
} from '../support/otlp-bodies.ts'
import { getJson, readStatus, readTrace, settled } from '../support/read-traces.ts'

const retryInfo = 'google.rpc.RetryInfo'

/** The frame of a message as a client writes it. */
function framed(bytes: Buffer, compressed = false): Buffer {
  const prefix = Buffer.from([compressed ? 1 : 0, 0, 0, 0, 0])
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

/** Opens a call on a connection of its own, without a message yet. */
function openCall(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): { session: ClientHttp2Session; stream: ClientHttp2Stream; ended: Promise<Record<string, unknown>> } {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  const stream = session.request({
    ':method': 'POST',
    ':path': exportMethods.traces,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  stream.on('error', () => {})
  const said: Record<string, unknown> = {}
  const note = (more: object) => Object.assign(said, more)
  stream.on('response', note)
  stream.on('trailers', note)
  stream.resume()
  const ended = once(stream, 'close').then(() => {
    session.close()
    return said
  })
  return { session, stream, ended }
}

describe('OTLP/gRPC refuses', () => {
  let server: TestServer
  let port: number

  beforeAll(async () => {
    server = await startServer({ args: ['--grpc-port', '0'] })
    port = await grpcPortOf(server)
  })

  afterAll(async () => {
    await server?.stop()
  })

  it.each(Object.keys(exportMethods) as (keyof typeof exportMethods)[])(
    'bytes that are no message of %s, with INVALID_ARGUMENT and the place',
    async (signal) => {
      const answer = await call(port, Buffer.from([0x0a, 0x7f, 1]), { method: exportMethods[signal] })
      expect(answer).toMatchObject({ code: 3, error: 'AGL_BAD_BODY' })
      expect(answer.details).toMatch(/not a valid .* at byte \d/)
      expect(readStatusMessage(answer.status as Buffer).code).toBe(3)
      expect(answer.status?.includes(retryInfo)).toBe(false)
    },
  )

  it('a message above 64 MiB, without a hint to come again', async () => {
    const answer = await call(port, Buffer.alloc(70 * 1024 * 1024))
    expect(answer).toMatchObject({ code: 8, error: 'AGL_BODY_TOO_LARGE' })
    expect(answer.status?.includes(retryInfo)).toBe(false)
  })

  it('many bombs at once, in bounded memory', async () => {
    const bomb = Buffer.alloc(48 * 1024 * 1024)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call(port, bomb, { compression: 'gzip' })),
    )
    for (const answer of answers) expect(answer).toMatchObject({ code: 8, error: 'AGL_BODY_BOMB' })
    const status = await getJson<{ memory: { residentBytes: number } }>(server, '/api/v1/status')
    expect(status.memory.residentBytes).toBeLessThan(400 * 1024 * 1024)
  })

  it('an unknown method, with UNIMPLEMENTED', async () => {
    const method = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'
    const answer = await call(port, Buffer.alloc(0), { method })
    expect(answer).toMatchObject({ code: 12, error: 'AGL_METHOD_NOT_ALLOWED' })
    expect(answer.details).toContain('ProfilesService')
  })

  it('an unknown compression, with UNIMPLEMENTED and those that are known', async () => {
    const { stream, ended } = openCall(port, { 'grpc-encoding': 'snappy' })
    stream.end(framed(Buffer.from('x'), true))
    expect(await ended).toMatchObject({
      'grpc-status': '12',
      'grpc-accept-encoding': 'identity,gzip,deflate,zstd',
      'x-agl-error': 'AGL_CONTENT_ENCODING',
    })
  })

  it.each([
    ['damaged gzip', { 'grpc-encoding': 'gzip' }, framed(Buffer.from('no gzip'), true), 'AGL_BAD_ENCODING'],
    ['compression without its name', {}, framed(Buffer.from('x'), true), 'AGL_BAD_REQUEST'],
    ['a message that is cut', {}, framed(Buffer.alloc(100)).subarray(0, 50), 'AGL_BAD_REQUEST'],
    ['no message', {}, Buffer.alloc(0), 'AGL_BAD_REQUEST'],
    [
      'two messages',
      {},
      Buffer.concat([framed(Buffer.alloc(0)), framed(Buffer.alloc(0))]),
      'AGL_BAD_REQUEST',
    ],
  ])('%s, with INVALID_ARGUMENT', async (_, headers, bytes, code) => {
    const { stream, ended } = openCall(port, headers as Record<string, string>)
    stream.end(bytes)
    expect(await ended).toMatchObject({ 'grpc-status': '3', 'x-agl-error': code })
  })

  it('what is no gRPC in HTTP/2, saying so to the client and in its status', async () => {
    const { stream, ended } = openCall(port, { 'content-type': 'application/x-protobuf' })
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
    })
    stream.end()
    expect(await ended).toMatchObject({ ':status': 415, 'x-agl-error': 'AGL_MEDIA_TYPE' })
    expect(text).toContain('All else is asked in HTTP/1.1')
    const { refused } = (await readStatus(server)).requests
    expect(refused.map(({ example }) => example).join('\n')).toContain(
      'HTTP/2 without gRPC: POST /opentelemetry',
    )
  })

  it('only the bad spans of a batch, and takes clients that break off', async () => {
    const { stream } = openCall(port)
    stream.write(framed(Buffer.alloc(1000)).subarray(0, 100))
    await sleep(50)
    stream.destroy()
    const traceId = newTraceId()
    const batch = protobufBody([someSpan({ traceId }), someSpan({ traceId, spanId: '00' })])
    const answer = await call(port, batch)
    expect(answer.code).toBe(0)
    expect(readPartialSuccess(answer.message as Buffer)?.rejectedSpans).toBe(1)
    await settled(server)
    expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
  })

  it('no message for its deflate or zstd', async () => {
    for (const encoding of ['deflate', 'zstd'] as const) {
      const traceId = newTraceId()
      const body = protobufBody([someSpan({ traceId })])
      if (encoding === 'deflate')
        expect(await call(port, body, { compression: 'deflate' })).toMatchObject({ code: 0 })
      else {
        const { stream, ended } = openCall(port, { 'grpc-encoding': encoding })
        stream.end(framed(zstdCompressSync(body), true))
        expect(await ended).toMatchObject({ 'grpc-status': '0', 'x-agl-position': expect.any(String) })
      }
      await settled(server)
      expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
    }
  })
})

describe('OTLP/gRPC on a server that demands a key', () => {
  let server: TestServer
  let port: number

  beforeAll(async () => {
    server = await startServer({ args: ['--grpc-port', '0', '--api-key', 'secret', '--require-key'] })
    const { body } = await request(server, { path: '/health', headers: { 'x-api-key': 'secret' } })
    port = (JSON.parse(body.toString()) as { ports: { grpc: number[] } }).ports.grpc[0] as number
  })

  afterAll(async () => {
    await server?.stop()
  })

  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer wrong' }],
    ['a wrong key in a header', { 'x-api-key': 'wrong' }],
  ])('%s is UNAUTHENTICATED', async (_, metadata) => {
    const answer = await call(port, protobufBody([someSpan()]), {
      metadata: metadata as Record<string, string>,
    })
    expect(answer).toMatchObject({ code: 16, error: 'AGL_UNAUTHORIZED' })
  })

  it.each([{ authorization: 'Bearer secret' }, { 'x-api-key': 'secret' }])(
    '%j is taken',
    async (metadata) => {
      const sent = { metadata: metadata as Record<string, string> }
      expect(await call(port, protobufBody([someSpan()]), sent)).toMatchObject({ code: 0 })
    },
  )
})

describe('OTLP/gRPC on a server that stops', () => {
  it('a call on its way is RESOURCE_EXHAUSTED with a time to come again, and the end waits for none', async () => {
    const server = await startServer({ args: ['--grpc-port', '0'] })
    const port = await grpcPortOf(server)
    const idle = connect(`http://127.0.0.1:${port}`)
    idle.on('error', () => {})
    await once(idle, 'connect')
    const hung = openCall(port)
    const one = openCall(port)
    const { stream, ended } = one
    const message = framed(protobufBody([someSpan()]))
    for (const each of [one, hung]) {
      await new Promise((resolve) => each.stream.write(message.subarray(0, 20), resolve))
      // A ping is answered after what was sent before it.
      await new Promise((resolve) => each.session.ping(resolve))
    }
    const started = performance.now()
    const stopped = server.stop()
    await until('it is stopping', () => /stopping/i.test(server.output()))
    stream.end(message.subarray(20))
    const said = await ended
    expect(said).toMatchObject({ 'grpc-status': '8', 'x-agl-error': 'AGL_DRAINING' })
    const details = Buffer.from(String(said['grpc-status-details-bin']), 'base64')
    expect(details.includes(retryInfo)).toBe(true)
    expect(await stopped).toBe(0)
    expect(performance.now() - started).toBeLessThan(20_000)
    expect((await call(port, Buffer.alloc(0))).code).toBe(14)
  })
})
