// The odd ways in which exporters write OTLP, sent to a server and read back through its API.
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, readPartialSuccess, someSpan } from '../support/otlp-bodies.ts'
import { exportTrace, readTrace, settled } from '../support/read-traces.ts'

const json = { 'content-type': 'application/json' }

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

/** Posts JSON spans without a length, in pieces; gives what the answer says. */
async function post(...spans: string[]): Promise<unknown> {
  const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans.join(',')}]}]}]}`
  const answer = await postTraces(server, body, { headers: json, chunked: true })
  expect(answer.status, answer.body.toString()).toBe(200)
  await settled(server)
  return JSON.parse(answer.body.toString())
}

const times = '"startTimeUnixNano":"1","endTimeUnixNano":2'

it('ids in hex of either case and in base64 are the same ids', async () => {
  const traceId = newTraceId()
  const base64 = (id: string) => Buffer.from(id, 'hex').toString('base64')
  const [upper, plain, encoded] = [newSpanId(), newSpanId(), newSpanId()]
  await post(
    `{"traceId":"${traceId.toUpperCase()}","spanId":"${upper.toUpperCase()}",${times}}`,
    `{"traceId":"${traceId}","spanId":"${plain}","parentSpanId":"${base64(upper)}",${times}}`,
    `{"traceId":"${base64(traceId)}","spanId":"${base64(encoded)}","parentSpanId":"${upper.toUpperCase()}",${times}}`,
  )
  const spans = (await readTrace(server, traceId))?.spans ?? []
  expect(spans.map(({ spanId }) => spanId).toSorted()).toEqual([upper, plain, encoded].toSorted())
  expect(spans.filter(({ parentSpanId }) => parentSpanId === upper)).toHaveLength(2)
})

it('values come back exact, whatever they were written as', async () => {
  const traceId = newTraceId()
  const written: [string, string, object][] = [
    ['text', '{"intValue":"9223372036854775807"}', { intValue: '9223372036854775807' }],
    ['bare', '{"intValue":9007199254740993}', { intValue: '9007199254740993' }],
    ['negative', '{"intValue":-9223372036854775808}', { intValue: '-9223372036854775808' }],
    ['null', '{"doubleValue":null}', { doubleValue: 'NaN' }],
    ['nan', '{"doubleValue":"NaN"}', { doubleValue: 'NaN' }],
    ['infinite', '{"doubleValue":"-Infinity"}', { doubleValue: '-Infinity' }],
    [
      'holes',
      '{"arrayValue":{"values":[{},null,{"intValue":"1"}]}}',
      { arrayValue: { values: [{}, {}, { intValue: '1' }] } },
    ],
    ['bytes', '{"bytesValue":"-_8"}', { bytesValue: '+/8=' }],
    ['unset', '{}', {}],
    ['newer', '{"newValue":{"a":[1]},"stringValue":"known"}', { stringValue: 'known' }],
  ]
  const attributes = written.map(([key, value]) => `{"key":"${key}","value":${value},"newField":1}`).join(',')
  const enums = '"kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"}'
  await post(
    `{"traceId":"${traceId}","spanId":"${newSpanId()}",${times},${enums},"newField":[{}],"attributes":[null,${attributes}]}`,
  )
  const [whole] = await exportTrace(server, traceId)
  expect(whole?.span).toMatchObject({
    kind: 2,
    status: { code: 2 },
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
  })
  expect(whole?.span.attributes).toEqual(written.map(([key, , value]) => ({ key, value })))
})

it('invalid UTF-8 is shown with replacement characters', async () => {
  const traceId = newTraceId()
  const bad = Buffer.from(
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${traceId}","spanId":"${newSpanId()}","name":"a?b",${times}}]}]}]}`,
  )
  bad[bad.indexOf('?')] = 0xff
  const text = protobufBody([someSpan({ traceId, name: 'c?d' })])
  text[text.indexOf('c?d') + 1] = 0xc0
  expect((await postTraces(server, bad, { headers: json })).status).toBe(200)
  expect((await postTraces(server, text)).status).toBe(200)
  await settled(server)
  const names = (await readTrace(server, traceId))?.spans.map(({ name }) => name)
  expect(names?.toSorted()).toEqual(['a\ufffdb', 'c\ufffdd'])
})

describe('ids that are none', () => {
  it('reject their span alone, in JSON', async () => {
    const traceId = newTraceId()
    const spanId = newSpanId()
    const partial = await post(
      `{"traceId":"${traceId}","spanId":"${spanId}",${times}}`,
      `{"traceId":"","spanId":"${spanId}",${times}}`,
      `{"traceId":"${'0'.repeat(32)}","spanId":"${spanId}",${times}}`,
      `{"traceId":"${traceId}","spanId":"",${times}}`,
      `{"traceId":"${traceId}","spanId":"AAAAAAAAAAA=",${times}}`,
    )
    expect(partial).toMatchObject({ partialSuccess: { rejectedSpans: '4' } })
    expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
  })

  it('reject their span alone, in protobuf', async () => {
    const traceId = newTraceId()
    const spans = [
      someSpan({ traceId }),
      someSpan({ traceId: '' }),
      someSpan({ traceId: '0'.repeat(32) }),
      someSpan({ traceId, spanId: '' }),
      someSpan({ traceId, spanId: '0'.repeat(16) }),
    ]
    const answer = await postTraces(server, protobufBody(spans))
    expect(answer.status).toBe(200)
    expect(readPartialSuccess(answer.body)?.rejectedSpans).toBe(4)
    await settled(server)
    expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
  })
})
