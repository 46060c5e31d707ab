import { describe, expect, it } from 'vitest'
import { derive, deriveAll } from '../json-span.ts'

describe('AgentOps Python', () => {
  it('LLM spans have no span kind and are told by their request type', () => {
    const fields = derive(
      {
        'gen_ai.request.type': 'chat',
        'gen_ai.system': 'OpenAI',
        'gen_ai.request.model': 'qwen3',
        'gen_ai.response.model': 'qwen3-8b',
        'gen_ai.response.id': 'chatcmpl-1',
        'gen_ai.usage.prompt_tokens': 1_204,
        'gen_ai.usage.completion_tokens': 88,
        'gen_ai.usage.total_tokens': 1_292,
        'gen_ai.usage.reasoning_tokens': 12,
      },
      { name: 'openai.chat.completion', scope: 'openai' },
    )
    expect(fields).toEqual({
      type: 'llm',
      provider: 'OpenAI',
      requestModel: 'qwen3',
      responseModel: 'qwen3-8b',
      responseId: 'chatcmpl-1',
      usage: { input: 1_204, output: 88, total: 1_292, reasoning: 12 },
    })
  })

  it('LLM spans are told by system and model alone, or by their name', () => {
    expect(derive({ 'gen_ai.system': 'OpenAI', 'gen_ai.request.model': 'm' }).type).toBe('llm')
    expect(derive({}, { name: 'anthropic.messages.create' }).type).toBe('llm')
    expect(derive({}, { name: 'openai.embeddings' }).type).toBe('embedding')
  })

  it.each([
    ['session', 'session'],
    ['agent', 'agent'],
    ['task', 'task'],
    ['operation', 'task'],
    ['workflow', 'chain'],
    ['tool', 'tool'],
    ['tool_usage', 'tool'],
    ['llm', 'llm'],
    ['chain', 'chain'],
    ['text', 'other'],
    ['guardrail', 'guardrail'],
    ['http', 'http'],
    ['unknown', 'other'],
    ['AGENT', 'agent'],
    ['no such kind', 'other'],
  ])('the span kind %s is %s', (kind, type) => {
    expect(derive({ 'agentops.span.kind': kind }).type).toBe(type)
  })

  it('0.4.13 and later: the root carries tags and end state', () => {
    const fields = derive(
      {
        'agentops.span.kind': 'session',
        'operation.name': 'default',
        'agentops.tags': ['eval', 'b', 'eval'],
        'agentops.session.end_state': 'Success',
        'agentops.status.end_state': 'Fail',
      },
      { name: 'default.session', scope: 'agentops' },
    )
    expect(fields).toEqual({ type: 'session', tags: ['eval', 'b'], endState: 'Success' })
  })

  it('0.4.3 to 0.4.12: other keys for the same', () => {
    const fields = derive(
      { tags: ['one'], 'agentops.status.end_state': 'Fail' },
      { name: 'session.session', scope: 'agentops' },
    )
    expect(fields).toEqual({ type: 'session', tags: ['one'], endState: 'Fail' })
  })

  it('tags may be the text of a JSON array, and one that was cut gives none', () => {
    expect(derive({ 'agentops.tags': '["a","b","a"]' }).tags).toEqual(['a', 'b'])
    expect(derive({ 'agentops.tags': '["a","b' }).tags).toBeUndefined()
    expect(derive({ 'agentops.tags': 'single' }).tags).toEqual(['single'])
    expect(derive({ 'agentops.tags': [] }).tags).toBeUndefined()
  })

  it('decorators name agents and tools by the operation', () => {
    expect(derive({ 'agentops.span.kind': 'agent', 'operation.name': 'Planner' })).toEqual({
      type: 'agent',
      agent: 'Planner',
    })
    expect(derive({ 'agentops.span.kind': 'tool', 'agentops.operation.name': 'search' })).toEqual({
      type: 'tool',
      tool: 'search',
    })
    expect(derive({ 'agentops.span.kind': 'task', 'operation.name': 'step' })).toEqual({ type: 'task' })
  })

  it('0.4.18 and later: tool calls are child spans without a kind', () => {
    const given = {
      name: 'tool_call.search',
      scope: 'agentops.instrumentation.providers.openai.wrappers.chat',
    }
    expect(derive({ 'tool.name': 'search', 'tool.call.id': 'call_1' }, given)).toEqual({
      type: 'tool',
      tool: 'search',
    })
    expect(derive({}, given)).toEqual({ type: 'tool', tool: 'search' })
  })

  it('names tell a type only where nothing else does, and the suffix only in its own scope', () => {
    expect(derive({}, { name: 'gen.task', scope: 'agentops' }).type).toBe('task')
    expect(derive({}, { name: 'gen.task', scope: 'other' }).type).toBe('other')
    expect(derive({ 'agentops.span.kind': 'tool' }, { name: 'gen.task', scope: 'agentops' }).type).toBe(
      'tool',
    )
  })

  it('CrewAI: usage on the workflow span stays there', () => {
    const fields = derive({
      'agentops.span.kind': 'workflow',
      'gen_ai.usage.prompt_tokens': 10,
      'gen_ai.usage.completion_tokens': 2,
    })
    expect(fields).toEqual({ type: 'chain', usage: { input: 10, output: 2, total: 12 } })
  })

  it('tool costs and resource attributes', () => {
    const { fields, resource } = deriveAll(
      { 'agentops.span.kind': 'tool', 'gen_ai.usage.total_cost': 0.05 },
      {
        resource: { 'service.name': 'agentops', 'agentops.tags': ['r'], 'agentops.project.id': 'temporary' },
      },
    )
    expect(fields.cost).toBe(0.05)
    expect(resource).toEqual({ service: 'agentops', tags: ['r'] })
  })
})

describe('AgentOps JS', () => {
  const given = { scope: 'agentops' }

  it('sends numbers as strings', () => {
    const fields = derive(
      {
        'response.id': 'resp_1',
        'gen_ai.usage.input_tokens': '12',
        'gen_ai.usage.output_tokens': '3',
        'gen_ai.usage.total_tokens': '15',
      },
      { ...given, name: 'Response' },
    )
    expect(fields).toEqual({ type: 'llm', responseId: 'resp_1', usage: { input: 12, output: 3, total: 15 } })
  })

  it('has no kinds: agents, tools and generations are told by what they carry', () => {
    expect(derive({ 'agent.name': 'Planner' }, { ...given, name: 'Planner' })).toEqual({
      type: 'agent',
      agent: 'Planner',
    })
    expect(derive({ 'function.name': 'search' }, { ...given, name: 'search' })).toEqual({
      type: 'tool',
      tool: 'search',
    })
    expect(derive({ 'gen_ai.prompt.0.role': 'user' }, { ...given, name: 'Generation' }).type).toBe('llm')
    expect(derive({ 'guardrail.name': 'pii' }, { ...given, name: 'pii' }).type).toBe('guardrail')
  })
})
