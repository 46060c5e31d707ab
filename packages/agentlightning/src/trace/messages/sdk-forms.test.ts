// Forms that real SDKs were seen to write (`test/clients/instrumentations`), one by one.
import { describe, expect, test } from 'vitest'
import type { AnyValue } from '../../otlp/decode/types.ts'
import { conversationOf } from './conversation.ts'

function read(values: Readonly<Record<string, string | readonly string[]>>) {
  const any = (value: string | readonly string[]): AnyValue =>
    typeof value === 'string'
      ? { stringValue: value }
      : { arrayValue: { values: value.map((text) => ({ stringValue: text })) } }
  const attributes = Object.entries(values).map(([key, value]) => ({ key, value: any(value) }))
  return conversationOf({ attributes, events: [] })
}
const says = (role: string, text: string) => ({ role, parts: [{ type: 'text', text }] })

describe("Vercel's AI SDK before version 7", () => {
  test('a prompt is one text or a list of messages, instructions come first', () => {
    expect(read({ 'ai.prompt': '{"system":"Be brief.","prompt":"Why?"}' }).input).toEqual([
      says('system', 'Be brief.'),
      says('user', 'Why?'),
    ])
    const messages = [{ role: 'user', content: 'Why?' }]
    expect(read({ 'ai.prompt': JSON.stringify({ instructions: 'Be brief.', messages }) }).input).toEqual([
      says('system', 'Be brief.'),
      says('user', 'Why?'),
    ])
  })

  test('a prompt that looks like JSON is a text all the same', () => {
    expect(read({ 'ai.prompt': JSON.stringify({ prompt: '{"role":"tool"}' }) }).input).toEqual([
      says('user', '{"role":"tool"}'),
    ])
  })

  test('the answer is spoken by the assistant, with its reasoning and the reason of its end', () => {
    const found = read({
      'ai.response.text': 'Because.',
      'ai.response.reasoning': 'Hm.',
      'ai.response.finishReason': 'stop',
    })
    expect(found.outputFrom).toBe('ai.response.*')
    expect(found.output).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'Because.' },
        ],
        finishReason: 'stop',
      },
    ])
    expect(read({ 'ai.response.object': '{"a": 1}' }).output).toEqual([
      { role: 'assistant', parts: [{ type: 'json', text: '{"a": 1}' }] },
    ])
  })

  test('the result of a tool is told without its wrapping', () => {
    const result = (output: unknown) => {
      const content = [{ type: 'tool-result', toolCallId: 'c', toolName: 't', output }]
      return read({ 'ai.prompt.messages': JSON.stringify([{ role: 'tool', content }]) }).input[0]?.parts
    }
    expect(result({ type: 'json', value: { a: 1 } })).toEqual([
      { type: 'toolResult', id: 'c', text: '{"a":1}' },
    ])
    expect(result({ type: 'error-text', value: 'no' })).toEqual([{ type: 'toolResult', id: 'c', text: 'no' }])
    expect(result({ type: 'car', value: 1 })).toEqual([
      { type: 'toolResult', id: 'c', text: '{"type":"car","value":1}' },
    ])
  })

  test('embedded texts are JSON strings, one or many', () => {
    expect(read({ 'ai.value': '"one"' }).input).toEqual([says('input', 'one')])
    expect(read({ 'ai.values': ['"one"', '"two"'] }).input).toEqual([
      says('input', 'one'),
      says('input', 'two'),
    ])
  })

  test('tools on offer, each a JSON text with its schema', () => {
    const tool = '{"type":"function","name":"look","inputSchema":{"type":"object"}}'
    expect(read({ 'ai.prompt.tools': [tool] }).tools).toEqual([
      { name: 'look', parameters: '{"type":"object"}' },
    ])
  })
})

describe('OpenInference', () => {
  test('the reason of the end belongs to the first choice', () => {
    const found = read({
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': 'one',
      'llm.output_messages.1.message.role': 'assistant',
      'llm.output_messages.1.message.content': 'two',
      'llm.finish_reason': 'stop',
    })
    expect(found.output).toEqual([
      { ...says('assistant', 'one'), finishReason: 'stop' },
      says('assistant', 'two'),
    ])
  })

  test('tools on offer are JSON texts, nested or flat', () => {
    const found = read({
      'llm.tools.0.tool.json_schema': '{"type":"function","function":{"name":"look","description":"Looks."}}',
      'llm.tools.1.tool.json_schema': '{"type":"function","name":"listen","parameters":{}}',
    })
    expect(found.tools).toEqual([
      { name: 'look', description: 'Looks.' },
      { name: 'listen', parameters: '{}' },
    ])
  })

  test('a retriever puts out its documents', () => {
    const found = read({
      'input.value': 'hotels',
      'retrieval.documents.0.document.content': 'Hotel Ü',
      'retrieval.documents.0.document.score': '0.5',
      'retrieval.documents.1.document.id': 'without content',
    })
    expect(found.input).toEqual([says('input', 'hotels')])
    expect(found.output).toEqual([says('document', 'Hotel Ü')])
  })
})

describe('OpenLLMetry', () => {
  test("a decorator's result is JSON: a text loses its quotes, nothing is nothing", () => {
    expect(read({ 'traceloop.entity.output': '"said \\"so\\""' }).output).toEqual([
      says('output', 'said "so"'),
    ])
    expect(read({ 'traceloop.entity.output': 'null' }).output).toEqual([])
    expect(read({ 'traceloop.entity.output': '"cut off by a lim' }).output).toEqual([
      says('output', '"cut off by a lim'),
    ])
  })

  test('in an event, the calls of a choice stand beside its message', () => {
    const attributes = Object.entries({
      message: '{"content":null}',
      finish_reason: 'tool_calls',
      tool_calls: '[{"id":"c","type":"function","function":{"name":"look","arguments":"{}"}}]',
    }).map(([key, stringValue]) => ({ key, value: { stringValue } }))
    const event = { name: 'gen_ai.choice', timeUnixNano: '1', attributes, droppedAttributesCount: 0 }
    expect(conversationOf({ attributes: [], events: [event] }).output).toEqual([
      {
        role: 'assistant',
        parts: [{ type: 'toolCall', id: 'c', name: 'look', arguments: '{}' }],
        finishReason: 'tool_calls',
      },
    ])
  })
})
