import { expect, it } from 'vitest'
import { isLlmSpan } from './llm-span.ts'
import type { OtelSpan } from './otel.ts'

it.each([
  ['OpenAI Chat Completions', { 'openinference.span.kind': 'LLM', 'llm.model_name': 'm' }, true],
  ['agent', { 'openinference.span.kind': 'AGENT', 'llm.model_name': 'm' }, false],
  ['chat m', { 'gen_ai.operation.name': 'chat' }, true],
  ['execute_tool f', { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.request.model': 'm' }, false],
  ['openai.chat', { 'llm.request.type': 'chat' }, true],
  ['ai.generateText', { 'gen_ai.request.model': 'm' }, false],
  ['ai.generateText.doGenerate', { 'ai.model.id': 'm' }, true],
  ['ai.streamObject.doStream', {}, true],
  ['GET /', { 'http.request.method': 'GET' }, false],
])('%s with %j: %s', (name, attributes, isOne) => {
  const span: OtelSpan = {
    name,
    attributes,
    setAttribute() {},
    setStatus() {},
    isRecording: () => true,
    end() {},
  }
  expect(isLlmSpan(span)).toBe(isOne)
})
