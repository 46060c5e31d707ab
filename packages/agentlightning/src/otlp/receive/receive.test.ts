import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { AglError } from '../../errors.ts'
import { ByteBudget } from './budget.ts'
import { decompress } from './decompress.ts'
import { encodingOfType, sniffEncoding } from './media-type.ts'
import { errorReply, grpcStatusDetails, successReply } from './reply.ts'

const text = Buffer.from('spans '.repeat(1000))
const limit = { maxBytes: 10_000, ratio: 100 }

test.each([
  ['gzip', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['zstd', zstdCompressSync(text)],
] as const)('%s is decoded', async (encoding, bytes) => {
  expect(await decompress(encoding, bytes, 10_000, limit)).toEqual(text)
})

test('deflate without the zlib header, as some clients send it, is decoded too', async () => {
  expect(await decompress('deflate', deflateRawSync(text), 10_000, limit)).toEqual(text)
})

test('what decodes to too much is refused as a bomb or as too large, whichever bound it hit', async () => {
  const bytes = gzipSync(Buffer.alloc(50_000))
  await expect(decompress('gzip', bytes, 10_000, limit)).rejects.toMatchObject({ code: 'AGL_BODY_TOO_LARGE' })
  await expect(decompress('gzip', bytes, 5_000, limit)).rejects.toMatchObject({ code: 'AGL_BODY_BOMB' })
})

test('damaged input names the encoding', async () => {
  await expect(decompress('gzip', Buffer.from('no gzip'), 100, limit)).rejects.toThrow(
    /gzip: incorrect header check/,
  )
})

test('the content type decides, else the first byte', () => {
  expect(encodingOfType('application/x-protobuf')).toBe('protobuf')
  expect(encodingOfType('Application/JSON; charset=utf-8')).toBe('json')
  expect(encodingOfType(undefined)).toBeUndefined()
  expect(() => encodingOfType('text/html')).toThrow(expect.objectContaining({ code: 'AGL_MEDIA_TYPE' }))
  expect(sniffEncoding(Buffer.from('\ufeff \n{"resourceSpans":[]}'))).toBe('json')
  expect(sniffEncoding(Buffer.from([0x0a, 0x02, 0x08, 0x01]))).toBe('protobuf')
  expect(sniffEncoding(Buffer.alloc(0))).toBe('protobuf')
})

test('a batch that was taken whole is answered by an empty message', () => {
  const result = { accepted: 3, rejected: [] }
  expect(successReply('protobuf', result)).toEqual({
    contentType: 'application/x-protobuf',
    body: Buffer.alloc(0),
  })
  expect(successReply('json', result).body.toString()).toBe('{}')
})

test('rejected spans are in partial_success, in both encodings', () => {
  const result = { accepted: 1, rejected: [{ reason: 'bad id', count: 300 }] }
  expect(JSON.parse(successReply('json', result).body.toString())).toEqual({
    partialSuccess: { rejectedSpans: '300', errorMessage: 'bad id (300×)' },
  })
  // partial_success = 1 { rejected_spans = 1: 300; error_message = 2 } (collector/trace/v1/trace_service.proto).
  const message = Buffer.from('bad id (300×)')
  const inner = Buffer.concat([Buffer.from([0x08, 0xac, 0x02, 0x12, message.length]), message])
  expect(successReply('protobuf', result).body).toEqual(
    Buffer.concat([Buffer.from([0x0a, inner.length]), inner]),
  )
})

test('an error is a google.rpc.Status', () => {
  const error = new AglError('AGL_DRAINING')
  expect(JSON.parse(errorReply('json', error).body.toString())).toEqual({
    code: 8,
    message: 'The server is stopping. Send again when it runs again.',
  })
  expect(errorReply('protobuf', error).body.subarray(0, 3)).toEqual(Buffer.from([0x08, 8, 0x12]))
})

test('the budget grants what fits, makes the rest wait in order, and lets one large body through alone', async () => {
  const budget = new ByteBudget(100)
  expect(budget.tryTake(60)).toBe(true)
  expect(budget.tryTake(60)).toBe(false)
  const order: string[] = []
  const first = budget.take(60).then(() => order.push('first'))
  const second = budget.take(30).then(() => order.push('second'))
  budget.give(60)
  await Promise.all([first, second])
  expect(order).toEqual(['first', 'second'])
  budget.give(90)
  expect(budget.used).toBe(0)
  expect(budget.tryTake(500)).toBe(true)
})

test('the details of a gRPC status carry code, words, and the delay only where the sender may come again', () => {
  const error = new AglError('AGL_DRAINING')
  const status = errorReply('protobuf', error).body
  expect(grpcStatusDetails(error, undefined)).toEqual(status)
  // Status.details = Any { type_url, value = RetryInfo { retry_delay = Duration { seconds: 2 } } }
  const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo')
  const any = Buffer.concat([
    Buffer.from([0x0a, type.length]),
    type,
    Buffer.from([0x12, 4, 0x0a, 2, 0x08, 2]),
  ])
  expect(grpcStatusDetails(error, 2)).toEqual(Buffer.concat([status, Buffer.from([0x1a, any.length]), any]))
})
