import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnyValue, DecodedEvent } from '../../otlp/decode/types.ts'
import { conversationOf } from './conversation.ts'

const text = (value: string): AnyValue => ({ stringValue: value })
const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value: text(value) }))
const read = (values: Readonly<Record<string, string>>, events: readonly DecodedEvent[] = []) =>
  conversationOf({ attributes: pairs(values), events: [...events] })
const event = (name: string, values: Readonly<Record<string, string>>): DecodedEvent => ({
  name,
  timeUnixNano: '1',
  attributes: pairs(values),
  droppedAttributesCount: 0,
})

describe('OpenTelemetry GenAI', () => {
  test('messages with text, reasoning, tool calls and results', () => {
    const input = [
      { role: 'user', parts: [{ type: 'text', content: 'Kyoto?' }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', result: { hotels: 14 } }] },
    ]
    const output = [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'let me see' },
          { type: 'tool_call', id: 'c2', name: 'book', arguments: { id: 3 } },
        ],
        finish_reason: 'tool_calls',
      },
    ]
    const found = read({
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Be brief.' }]),
      'gen_ai.input.messages': JSON.stringify(input),
      'gen_ai.output.messages': JSON.stringify(output),
    })
    expect(found.input).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'Kyoto?' }] },
      { role: 'tool', parts: [{ type: 'toolResult', id: 'c1', text: '{"hotels":14}' }] },
    ])
    expect(found.output).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'let me see' },
          { type: 'toolCall', id: 'c2', name: 'book', arguments: '{"id":3}' },
        ],
        finishReason: 'tool_calls',
      },
    ])
    expect(found.inputFrom).toBe('gen_ai.input.messages')
  })

  test('a value that is structured and not JSON text is read the same', () => {
    const part: AnyValue = {
      kvlistValue: {
        values: [
          { key: 'type', value: text('text') },
          { key: 'content', value: text('hi') },
        ],
      },
    }
    const message: AnyValue = {
      kvlistValue: {
        values: [
          { key: 'role', value: text('user') },
          { key: 'parts', value: { arrayValue: { values: [part] } } },
        ],
      },
    }
    const attributes = [{ key: 'gen_ai.input.messages', value: { arrayValue: { values: [message] } } }]
    expect(conversationOf({ attributes, events: [] }).input).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
    ])
  })

  test('a text that a limit cut off is kept as text', () => {
    const cut = '[{"role":"user","parts":[{"type":"te'
    expect(read({ 'gen_ai.input.messages': cut }).input).toEqual([
      { role: 'user', parts: [{ type: 'text', text: cut }] },
    ])
  })

  test('messages of events as written before 1.37', () => {
    const found = read({}, [
      event('gen_ai.user.message', { content: 'hello' }),
      event('gen_ai.choice', { index: '0', finish_reason: 'stop', message: '{"content":"hi"}' }),
    ])
    expect(found.input).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }])
    expect(found.output).toEqual([
      { role: 'assistant', parts: [{ type: 'text', text: 'hi' }], finishReason: 'stop' },
    ])
  })
})

describe('AgentOps and OpenLLMetry', () => {
  test('numbered attributes are put in the order of their numbers, with gaps', () => {
    const found = read({
      'gen_ai.prompt.10.role': 'user',
      'gen_ai.prompt.10.content': 'last',
      'gen_ai.prompt.2.role': 'system',
      'gen_ai.prompt.2.content': 'first',
    })
    expect(found.input.map(({ role, parts }) => [role, parts])).toEqual([
      ['system', [{ type: 'text', text: 'first' }]],
      ['user', [{ type: 'text', text: 'last' }]],
    ])
  })

  test('tool calls, their results and the tools on offer', () => {
    const found = read({
      'gen_ai.prompt.0.role': 'tool',
      'gen_ai.prompt.0.tool_call_id': 'call_0',
      'gen_ai.prompt.0.content': '14 results',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.finish_reason': 'tool_calls',
      'gen_ai.completion.0.tool_calls.0.id': 'call_1',
      'gen_ai.completion.0.tool_calls.0.name': 'book',
      'gen_ai.completion.0.tool_calls.0.arguments': '{"id": 3}',
      'llm.request.functions.0.name': 'book',
      'llm.request.functions.0.description': 'Books a hotel',
      'llm.request.functions.0.parameters': '{"type":"object"}',
    })
    expect(found.input).toEqual([
      { role: 'tool', parts: [{ type: 'toolResult', id: 'call_0', text: '14 results' }] },
    ])
    expect(found.output).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'toolCall', id: 'call_1', name: 'book', arguments: '{"id": 3}' }],
        finishReason: 'tool_calls',
      },
    ])
    expect(found.tools).toEqual([
      { name: 'book', description: 'Books a hotel', parameters: '{"type":"object"}' },
    ])
  })

  test("a decorator's input and output stand for themselves", () => {
    const found = read({ 'agentops.entity.input': '{"args": [1]}', 'agentops.entity.output': 'done' })
    expect(found.input).toEqual([{ role: 'input', parts: [{ type: 'json', text: '{"args": [1]}' }] }])
    expect(found.output).toEqual([{ role: 'output', parts: [{ type: 'text', text: 'done' }] }])
  })
})

test('OpenInference: numbered messages with nested names', () => {
  const found = read({
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.contents.0.message_content.type': 'text',
    'llm.input_messages.0.message.contents.0.message_content.text': 'What is this?',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'look',
    'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{}',
  })
  expect(found.input).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'What is this?' }] }])
  expect(found.output[0]?.parts).toEqual([{ type: 'toolCall', name: 'look', arguments: '{}' }])
})

test("Vercel's AI SDK: prompt messages and tool calls", () => {
  const found = read({
    'ai.prompt.messages': JSON.stringify([{ role: 'user', content: [{ type: 'text', text: 'hi' }] }]),
    'ai.response.toolCalls': JSON.stringify([{ toolCallId: 'c', toolName: 'look', input: { at: 1 } }]),
  })
  expect(found.input).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }])
  expect(found.output).toEqual([
    { role: 'assistant', parts: [{ type: 'toolCall', id: 'c', name: 'look', arguments: '{"at":1}' }] },
  ])
})

test('a whole request and answer of a chat are read as the messages in them', () => {
  const found = read({
    'input.value': JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }),
    'output.value': JSON.stringify({
      choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } }],
    }),
  })
  expect(found.input).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }])
  expect(found.output).toEqual([
    { role: 'assistant', parts: [{ type: 'text', text: 'hello' }], finishReason: 'stop' },
  ])
})

test('an image is told by its kind and size, never carried along', () => {
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(4000)}` } }
  const found = read({ 'gen_ai.input.messages': JSON.stringify([{ role: 'user', content: [image] }]) })
  expect(found.input[0]?.parts).toEqual([{ type: 'media', mediaType: 'image/png', text: '3017 bytes' }])
})

test('MLflow encodes texts as JSON too, and an empty one says nothing', () => {
  const found = read({ 'mlflow.spanInputs': '"plain words"', 'mlflow.spanOutputs': '""' })
  expect(found.input).toEqual([{ role: 'input', parts: [{ type: 'text', text: 'plain words' }] }])
  expect(found.output).toEqual([])
})

test('a span without messages has none', () => {
  expect(read({ 'http.method': 'GET' })).toEqual({ input: [], output: [], tools: [] })
})

test('odd values are no reason to fail', () => {
  for (const odd of [
    'null',
    '[null]',
    '[[]]',
    '{}',
    '[{"role":5,"parts":{"a":1}}]',
    '{"messages":[7]}',
    '[1,"a"]',
  ]) {
    for (const key of ['gen_ai.input.messages', 'input.value', 'ai.prompt', 'gen_ai.prompt.0.content']) {
      expect(() => read({ [key]: odd, 'gen_ai.tool.definitions': odd })).not.toThrow()
    }
  }
})

test('every call of the recorded demo trace tells both sides', () => {
  const file = new URL('../../otlp/scan/fixtures/demo-trace.otlp.json', import.meta.url)
  const demo = JSON.parse(readFileSync(file, 'utf8'))
  const spans = demo.resourceSpans[0].scopeSpans[0].spans
  const calls = spans.filter(({ name }: { name: string }) => name.startsWith('chat '))
  expect(calls.length).toBe(4)
  for (const call of calls) {
    const { input, output } = conversationOf({ attributes: call.attributes, events: [] })
    expect(input.map(({ role }) => role).slice(0, 2)).toEqual(['system', 'user'])
    expect(output.map(({ role }) => role)).toEqual(['assistant'])
  }
})
