import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { derive } from '../json-span.ts'

const idIn = (output: unknown) =>
  derive({
    'openinference.span.kind': 'LLM',
    'output.value': typeof output === 'string' ? output : JSON.stringify(output),
  }).responseId

/** As Python's json module writes it. */
const python = (value: unknown) =>
  JSON.stringify(value, null, 1)
    .replace(/,\n\s*/g, ', ')
    .replace(/\n\s*/g, '')

const long = 'said "so": {"id":"no"}, \\ and on '.repeat(60_000)
const call = {
  id: 'call_1',
  type: 'function',
  function: { name: 'f', arguments: '{"id":"no","object":"response"}' },
}
const choices = (content: string | null) => [
  { finish_reason: 'stop', index: 0, message: { role: 'assistant', content, tool_calls: [call] } },
]
const after = { created: 1_750_000_000, model: 'm', object: 'chat.completion' }

describe('the id of a reply', () => {
  const recordings = join(import.meta.dirname, '../../../../../test/fixtures/model-servers')
  const replies = readdirSync(recordings).flatMap((server) =>
    readdirSync(join(recordings, server))
      .filter((name) => /^(chat|completions|hv-chat|oai-chat|responses).*\.response\.json$/.test(name))
      .map((name) => ({
        name: `${server}/${name}`,
        text: readFileSync(join(recordings, server, name), 'utf8'),
      })),
  )
  const named = replies.filter(({ text }) => /^\{.*"id"/s.test(text) && !/^\{\s*"(error|detail)"/.test(text))

  it.each(named)('is read from what a real server replied: $name', ({ text }) => {
    const reply = JSON.parse(text) as { id: string }
    expect(idIn(text)).toBe(reply.id)
    expect(idIn(reply)).toBe(reply.id)
  })

  it('there are recordings of all servers', () => {
    const servers = new Set(named.map(({ name }) => name.split('/')[0]))
    expect([...servers].filter((server) => server && !server.startsWith('transformers')).length).toBe(4)
  })

  it.each([
    ['first, before what only replies have', { id: 'x-1', object: 'chat.completion', choices: [] }],
    ['first, in the order of the Python SDK', { id: 'x-1', choices: choices('hi'), ...after }],
    [
      'first, in the order of the Python SDK, of a response',
      { id: 'x-1', created_at: 1_750_000_000, output: [] },
    ],
    [
      'first, the kind of object last',
      { id: 'x-1', model: 'm', choices: choices(long), object: 'chat.completion' },
    ],
    ['after the choices', { choices: choices('hi'), id: 'x-1', ...after }],
    ['after the choices, 2 MB of them', { choices: choices(long), id: 'x-1', ...after }],
    ['last', { choices: choices(long), ...after, usage: { total_tokens: 3 }, id: 'x-1', timings: { n: 1 } }],
    ['of a legacy completion', { choices: [{ text: long }], id: 'x-1', object: 'text_completion' }],
  ])('is found %s', (_, reply) => {
    expect(idIn(reply)).toBe('x-1')
    expect(idIn(python(reply))).toBe('x-1')
  })

  it.each([
    ['{"id":"42","name":"a tool\'s own result"}'],
    ['{"id":"q1","choices":["Bern","Basel"],"model":"quiz"}'],
    ['{"id":"q1","choices":[{"text":"Bern"}]}'],
    ['{"id":"42","model":"Golf","created":"2024"}'],
    ['{"choices":[],"id":"late"}'],
    [JSON.stringify({ choices: choices('hi'), ...after })],
    [JSON.stringify({ id: 7, object: 'chat.completion' })],
    [JSON.stringify({ replies: [{ choices: [], id: 'x-1', ...after }] })],
    [JSON.stringify({ reply: { choices: [], id: 'x-1', ...after }, more: [] })],
    [JSON.stringify({ choices: choices('hi'), id: 'x-1', ...after }).slice(0, -1)],
    [JSON.stringify([{ choices: [], id: 'x-1', ...after }])],
    [JSON.stringify({ text: `", "id": "no", ${objectText()}` })],
    ['"id": "chatcmpl-1"'],
    ['{'],
    ['['],
    [''],
    ['plain text'],
  ])('is not taken from what is no reply, or not whole: %s', (text) => {
    expect(idIn(text)).toBeUndefined()
  })
})

function objectText(): string {
  return '"object": "chat.completion"'
}

describe("the id in LangChain's result", () => {
  const generation = (kwargs: object) => ({
    text: 'hi',
    message: { lc: 1, type: 'constructor', id: ['langchain', 'schema', 'messages', 'AIMessage'], kwargs },
  })
  const ofPython = (kwargs: object, llm_output: object | null, others: object[] = []) => ({
    generations: [[...others, generation({ content: 'hi', ...kwargs, tool_calls: [call] })]],
    llm_output,
    run: null,
    type: 'LLMResult',
  })
  const run = { id: 'lc_run--01a2-0' }

  it.each([
    [
      'of a chat',
      ofPython({ response_metadata: { id: 'chatcmpl-1' }, ...run }, { model_name: 'm', id: 'chatcmpl-1' }),
    ],
    ['of several choices', ofPython(run, { id: 'chatcmpl-1' }, [generation(run)])],
    ['of a response', ofPython({ response_metadata: { id: 'chatcmpl-1' }, id: 'chatcmpl-1' }, null)],
    [
      'after arguments that look like it',
      ofPython(
        { response_metadata: { id: 'chatcmpl-1' }, tool_calls: [{ args: { kwargs: { id: 'no' } } }] },
        null,
      ),
    ],
    ['of a long chat', ofPython({ content: long, ...run }, { id: 'chatcmpl-1' })],
    [
      'of JavaScript, plain',
      {
        generations: [[generation({ id: 'chatcmpl-1', content: 'hi', response_metadata: {} })]],
        llmOutput: { tokenUsage: {} },
      },
    ],
    [
      'of JavaScript, streamed',
      {
        generations: [[generation({ content: long, response_metadata: {}, id: 'chatcmpl-1' })]],
        llmOutput: { tokenUsage: {} },
      },
    ],
  ])('%s', (_, result) => {
    expect(idIn(result)).toBe('chatcmpl-1')
    expect(idIn(python(result))).toBe('chatcmpl-1')
  })

  it.each([
    ['a streamed chat of Python, which has none', ofPython({ response_metadata: {}, ...run }, null)],
    ['an older one, too', ofPython({ response_metadata: {}, id: 'run-01a2' }, null)],
    [
      'a result inside something else',
      {
        generations: [[generation({ content: 'hi' })]],
        llm_output: null,
        more: { llm_output: { id: 'no' } },
      },
    ],
  ])('not of %s', (_, result) => {
    expect(idIn(result)).toBeUndefined()
  })
})

describe('the id in a streamed chat of openai-agents', () => {
  const ofItems = (...items: object[]) => [
    { id: '__fake_id__', object: 'response', output: items, usage: null },
  ]
  const told = { provider_data: { model: 'm', response_id: 'chatcmpl-1' } }

  it('is that of its items, never the one of the SDK', () => {
    const item = { id: '__fake_id__', type: 'message', content: [{ text: long }] }
    expect(idIn(python(ofItems({ ...item, ...told })))).toBe('chatcmpl-1')
    expect(idIn(python(ofItems({ type: 'reasoning' }, { ...item, ...told })))).toBe('chatcmpl-1')
    expect(idIn(ofItems({ ...item, content: [told] }))).toBeUndefined()
    expect(idIn(ofItems(item))).toBeUndefined()
  })
})
