import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces } from '../support/http.ts'
import {
  arrayAttribute,
  jsonBody,
  newTraceId,
  protobufBody,
  readPartialSuccess,
  someSpan,
} from '../support/otlp-bodies.ts'
import { exportTrace, getJson, readTrace, settled } from '../support/read-traces.ts'

const json = { 'content-type': 'application/json' }
const most = { integers: 2_000_000, elements: 100_000, attributes: 4096 }

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

/** Posts a span with one array beside a plain one; what of it was rejected, and how many spans are found. */
async function postArray(
  encoding: 'protobuf' | 'json',
  of: 'int' | 'text',
  count: number,
): Promise<{ spans: number; rejected: string | undefined }> {
  const traceId = newTraceId()
  const plain = someSpan({ traceId })
  const long = someSpan({ traceId, name: 'long' })
  let body: Buffer
  if (encoding === 'protobuf') {
    body = protobufBody([plain, { ...long, rest: arrayAttribute('token_ids', of, count) }])
  } else {
    const element = of === 'int' ? '{"intValue":"7"}' : '{"stringValue":"x"}'
    const values = Array.from({ length: count }, () => element).join(',')
    const attribute = `{"key":"token_ids","value":{"arrayValue":{"values":[${values}]}}}`
    const marked = { ...long, attributes: { mark: '' } }
    const text = jsonBody([plain, marked]).toString()
    body = Buffer.from(text.replace('{"key":"mark","value":{"stringValue":""}}', attribute))
  }
  const answer = await postTraces(server, body, { headers: encoding === 'json' ? json : {} })
  expect(answer.status).toBe(200)
  const partial =
    encoding === 'protobuf'
      ? readPartialSuccess(answer.body)
      : (JSON.parse(answer.body.toString()) as { partialSuccess?: { errorMessage: string } }).partialSuccess
  await settled(server)
  return { spans: (await readTrace(server, traceId))?.spans.length ?? 0, rejected: partial?.errorMessage }
}

describe.each(['protobuf', 'json'] as const)('an array in %s', (encoding) => {
  it.each([
    ['int', 'integers', encoding === 'json' ? 1_200_000 : most.integers],
    ['text', 'elements', most.elements],
  ] as const)('of %s values at the limit is recorded', { timeout: 120_000 }, async (of, _, count) => {
    expect(await postArray(encoding, of, count)).toEqual({ spans: 2, rejected: undefined })
  })

  // In JSON 2,000,000 integers make a span above 20 MiB, which is refused for its size.
  const above = [
    ['text', 'elements', most.elements + 1],
    ['text', 'elements', most.elements * 4],
    ...(encoding === 'json' ? [] : ([['int', 'integers', most.integers + 1]] as const)),
    ...(encoding === 'json' ? [] : ([['int', 'integers', most.integers * 2]] as const)),
  ] as const
  it.each(above)(
    'of %s values above it (%s, %d) rejects its span alone',
    { timeout: 120_000 },
    async (of, name, count) => {
      const limit = most[name]
      expect(await postArray(encoding, of, count)).toEqual({
        spans: 1,
        rejected: `an array has more than ${limit} ${name} (span 2 "long", attribute "token_ids")`,
      })
    },
  )
})

describe('the attributes of a span', () => {
  /** Posts a span with so many attributes, the last of which names its model. */
  async function postAttributes(encoding: 'protobuf' | 'json', count: number): Promise<string> {
    const traceId = newTraceId()
    const names = Array.from({ length: count - 1 }, (_, at) => [`key.${at}`, 'x'] as const)
    const attributes = { ...Object.fromEntries(names), 'gen_ai.request.model': 'gpt-late' }
    const span = someSpan({ traceId, attributes })
    const [make, headers] = encoding === 'json' ? [jsonBody, json] : [protobufBody, {}]
    const answer = await postTraces(server, make([span]), { headers })
    expect([answer.status, answer.body.toString()]).toEqual([200, encoding === 'json' ? '{}' : ''])
    await settled(server)
    return traceId
  }

  it.each([
    ['protobuf', most.attributes, 0],
    ['protobuf', most.attributes + 1, 1],
    ['protobuf', 100_000, 100_000 - most.attributes],
    ['json', most.attributes, 0],
    ['json', most.attributes + 1, 1],
    ['json', 100_000, 100_000 - most.attributes],
  ] as const)('in %s, %d of them: %d are counted as dropped', async (encoding, count, dropped) => {
    const traceId = await postAttributes(encoding, count)
    const [whole] = (await exportTrace(server, traceId)) as unknown as {
      span: { attributes: unknown[]; droppedAttributesCount: number; spanId: string }
    }[]
    expect(whole?.span.attributes).toHaveLength(count - dropped)
    expect(whole?.span.droppedAttributesCount).toBe(dropped)
    const shown = await getJson<typeof whole>(server, `/api/v1/traces/${traceId}/spans/${whole?.span.spanId}`)
    expect(shown?.span.droppedAttributesCount).toBe(dropped)
    const tree = await getJson<{ spans: { attributeCount: number; fields: { requestModel?: string } }[] }>(
      server,
      `/api/v1/traces/${traceId}`,
    )
    expect(tree.spans[0]?.attributeCount).toBe(count)
    expect(tree.spans[0]?.fields.requestModel).toBe(dropped === 0 ? 'gpt-late' : undefined)
  })
})
