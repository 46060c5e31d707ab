// The messages of many spans of a trace in one answer: each message once, bounded, with the cursor to go on.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, type SpanInput, someSpan } from '../support/otlp-bodies.ts'
import { getJson, settled } from '../support/read-traces.ts'

interface Message {
  readonly role: string
  readonly parts: readonly { readonly text: string }[]
}
interface Answer {
  readonly traceId: string
  readonly messages: readonly Message[]
  readonly spans: readonly {
    readonly spanId: string
    readonly input?: readonly number[]
    readonly output?: readonly number[]
    readonly error?: { readonly code: string; readonly action: string }
  }[]
  readonly cursor: string | null
}

const MB = 1024 * 1024
const traceId = newTraceId()
const says = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] })
const chat = (input: readonly object[], answer: string): SpanInput =>
  someSpan({
    traceId,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': JSON.stringify(input),
      'gen_ai.output.messages': JSON.stringify([says('assistant', answer)]),
    },
  })
const [hi, hello, bye] = [says('user', 'hi'), says('assistant', 'hello'), says('user', 'bye')]
const short = [
  chat([hi], 'hello'),
  chat([hi, hello, bye], 'see you'),
  someSpan({ traceId, attributes: { 'gen_ai.operation.name': 'execute_tool' } }),
]
const large = Array.from({ length: 12 }, (_, at) =>
  chat([says('user', `${at} ${'é'.repeat(MB / 2)}`)], 'yes'),
)
const giant = chat([says('user', 'x'.repeat(5 * MB))], 'no')
/** All of them say the same again: much to read, and little to answer. */
const repeating = Array.from({ length: 20 }, () => chat([says('system', 'y'.repeat(MB))], 'ok'))

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  await postTraces(server, protobufBody(short))
  await postTraces(server, protobufBody([...large, giant]))
  await postTraces(server, protobufBody(repeating))
  await settled(server)
})
afterAll(() => server.stop())

const path = (spans: readonly string[], cursor?: string | null) =>
  `/api/v1/traces/${traceId}/messages?spans=${spans.join(',')}${cursor ? `&cursor=${cursor}` : ''}`
const idsOf = (spans: readonly SpanInput[]) => spans.map(({ spanId }) => spanId)

/** All answers about `spans`, and how many bytes each has. */
async function readAll(spans: readonly string[]): Promise<{ answers: Answer[]; bytes: number[] }> {
  const answers: Answer[] = []
  const bytes: number[] = []
  let cursor: string | null = null
  do {
    const reply = await request(server, { path: path(spans, cursor) })
    expect(reply.status).toBe(200)
    const answer = JSON.parse(reply.body.toString()) as Answer
    answers.push(answer)
    bytes.push(reply.body.length)
    cursor = answer.cursor
  } while (cursor !== null)
  return { answers, bytes }
}

test('each message is written once, and spans are in the order asked for', async () => {
  const [first, second, tool] = idsOf(short) as [string, string, string]
  const answer = await getJson<Answer>(server, path([second, tool, first]))
  expect(answer).toMatchObject({ traceId, cursor: null })
  expect(answer.messages.map(({ role, parts }) => `${role}: ${parts[0]?.text}`)).toEqual([
    'user: hi',
    'assistant: hello',
    'user: bye',
    'assistant: see you',
  ])
  expect(answer.spans).toEqual([
    { spanId: second, input: [0, 1, 2], output: [3] },
    { spanId: tool, input: [], output: [] },
    { spanId: first, input: [0], output: [1] },
  ])
})

test('what it says of a span is what the route of one span says', async () => {
  const spans = idsOf([...short, large[0] as SpanInput])
  const { messages, spans: read } = await getJson<Answer>(server, path(spans))
  for (const { spanId, input = [], output = [] } of read) {
    const one = await getJson<{ input: Message[]; output: Message[] }>(
      server,
      `/api/v1/traces/${traceId}/spans/${spanId}/messages`,
    )
    expect(input.map((place) => messages[place])).toEqual(one.input)
    expect(output.map((place) => messages[place])).toEqual(one.output)
  }
})

test('no answer has more than 4 MB, and the cursor goes on without gap or repetition', async () => {
  const spans = idsOf(large)
  const { answers, bytes } = await readAll(spans)
  expect(answers.length).toBeGreaterThan(1)
  expect(answers.length).toBeLessThan(6)
  expect(Math.max(...bytes)).toBeLessThan(4.01 * MB)
  expect(answers.flatMap((answer) => answer.spans.map(({ spanId }) => spanId))).toEqual(spans)
  const begins = answers.flatMap(({ messages, spans: read }) =>
    read.map(({ input = [] }) => messages[input[0] ?? -1]?.parts[0]?.text.slice(0, 2).trim()),
  )
  expect(begins).toEqual(large.map((_, at) => String(at)))
})

test('what is read for one answer is bounded too, however little there is to say', async () => {
  const { answers, bytes } = await readAll(idsOf(repeating))
  expect(answers.map(({ spans }) => spans.length)).toEqual([15, 5])
  expect(answers.map(({ messages }) => messages.length)).toEqual([2, 2])
  expect(Math.max(...bytes)).toBeLessThan(1.1 * MB)
})

test('a span that is not there or too large has its error, and the others their messages', async () => {
  const missing = newSpanId()
  const [first] = idsOf(short) as [string]
  const answer = await getJson<Answer>(server, path([missing, giant.spanId, first]))
  expect(answer.spans.map(({ spanId, error }) => [spanId, error?.code])).toEqual([
    [missing, 'AGL_NOT_FOUND'],
    [giant.spanId, 'AGL_MESSAGES_TOO_LARGE'],
    [first, undefined],
  ])
  expect(answer.spans[1]?.error?.action).toContain(`/spans/${giant.spanId}/messages`)
  expect(answer.cursor).toBe(null)
})

test('the beginning of a trace id is enough where it is unique', async () => {
  const [first] = idsOf(short) as [string]
  const answer = await getJson<Answer>(
    server,
    `/api/v1/traces/${traceId.slice(0, 12)}/messages?spans=${first}`,
  )
  expect(answer.traceId).toBe(traceId)
})

const one = newSpanId()
test.each([
  ['no spans', '', 400, '«spans»'],
  ['an empty list', '?spans=', 400, 'a span id is 16 hex digits'],
  ['what is no id', `?spans=${one},XYZ`, 400, '«XYZ»'],
  ['an id twice', `?spans=${one},${newSpanId()},${one}`, 400, `has ${one} twice`],
  ['the parameter twice', `?spans=${one}&spans=${one}`, 400, '«spans»'],
  [
    'more than 500 ids',
    `?spans=${Array.from({ length: 501 }, newSpanId).join(',')}`,
    400,
    'has 501 ids, and may have 500',
  ],
  ['a cursor of another list', `?spans=${one}&cursor=${newSpanId()}`, 400, '«cursor»: is none of the spans'],
])('%s is refused, and why is said', async (_, query, status, words) => {
  const reply = await request(server, { path: `/api/v1/traces/${traceId}/messages${query}` })
  const { error } = JSON.parse(reply.body.toString()) as { error: { code: string; message: string } }
  expect([reply.status, error.code]).toEqual([status, 'AGL_BAD_REQUEST'])
  expect(error.message).toContain(words)
})

test('500 ids fit into one address', async () => {
  const spans = Array.from({ length: 500 }, newSpanId)
  const answer = await getJson<Answer>(server, path(spans))
  expect(answer.spans.map(({ error }) => error?.code)).toEqual(spans.map(() => 'AGL_NOT_FOUND'))
  expect(answer.cursor).toBe(null)
})

test('a trace that is not there is not found', async () => {
  const reply = await request(server, { path: `/api/v1/traces/${newTraceId()}/messages?spans=${one}` })
  expect([reply.status, reply.headers['x-agl-error']]).toEqual([404, 'AGL_NOT_FOUND'])
})
