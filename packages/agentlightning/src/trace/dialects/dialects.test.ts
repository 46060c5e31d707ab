import { describe, expect, it } from 'vitest'
import { derive, deriveAll } from '../json-span.ts'

describe('OTel GenAI, OpenInference, Vercel and others', () => {
  it.each([
    ['chat', 'llm'],
    ['text_completion', 'llm'],
    ['embeddings', 'embedding'],
    ['execute_tool', 'tool'],
    ['invoke_agent', 'agent'],
    ['invoke_workflow', 'chain'],
    ['retrieval', 'retriever'],
    ['rerank', 'reranker'],
    ['agent_step', 'task'],
  ])('the operation %s is %s', (operation, type) => {
    expect(derive({ 'gen_ai.operation.name': operation }).type).toBe(type)
  })

  it('names in force win over deprecated ones, field by field', () => {
    const { fields, sources } = deriveAll({
      'gen_ai.system': 'old',
      'gen_ai.provider.name': 'openai',
      'gen_ai.usage.prompt_tokens': 1,
      'gen_ai.usage.input_tokens': 2,
      'gen_ai.usage.completion_tokens': 3,
      'llm.model_name': 'from-openinference',
      'gen_ai.agent.name': 'planner',
      'gen_ai.conversation.id': 'conv',
      'session.id': 'sess',
    })
    expect(fields).toEqual({
      type: 'llm',
      provider: 'openai',
      requestModel: 'from-openinference',
      agent: 'planner',
      session: 'conv',
      usage: { input: 2, output: 3, total: 5 },
    })
    expect(sources).toContainEqual({
      field: 'usage.output',
      key: 'gen_ai.usage.completion_tokens',
      dialect: 'otel-genai-old',
      title: 'OTel GenAI before 1.37',
    })
    expect(sources.find(({ field }) => field === 'requestModel')?.dialect).toBe('openinference')
  })

  it('an operation that nobody defined leaves the word to the next dialect', () => {
    const kinds = {
      'gen_ai.operation.name': 'chain',
      'openinference.span.kind': 'RETRIEVER',
      'agentops.span.kind': 'agent',
    }
    expect(derive(kinds).type).toBe('retriever')
  })

  it('names give a tool or an agent where no attribute does', () => {
    const tool = derive({ 'gen_ai.operation.name': 'execute_tool' }, { name: 'execute_tool search' })
    expect(tool).toEqual({ type: 'tool', tool: 'search' })
    expect(derive({}, { name: 'invoke_agent planner' })).toEqual({ type: 'agent', agent: 'planner' })
  })

  it('Vercel: the outer span is a chain, the inner one a model call', () => {
    const usage = { 'ai.usage.promptTokens': 10, 'ai.usage.completionTokens': 2 }
    const model = { 'ai.model.id': 'gpt-4o', 'ai.model.provider': 'openai.chat' }
    expect(derive({ 'ai.operationId': 'ai.generateText', ...model, ...usage }).type).toBe('chain')
    expect(derive({ 'ai.operationId': 'ai.generateText.doGenerate', ...model, ...usage })).toEqual({
      type: 'llm',
      provider: 'openai',
      requestModel: 'gpt-4o',
      usage: { input: 10, output: 2, total: 12 },
    })
    expect(
      derive({
        'ai.operationId': 'ai.toolCall',
        'operation.name': 'ai.toolCall x',
        'ai.toolCall.name': 'search',
      }),
    ).toEqual({
      type: 'tool',
      tool: 'search',
    })
  })

  it('Vercel: tags may stand in the context', () => {
    expect(derive({ 'ai.settings.context.tags': '["trip","ü"]' }).tags).toEqual(['trip', 'ü'])
  })

  it.each([
    ['{"id":"chatcmpl-1","choices":[]}', 'chatcmpl-1'],
    ['{"id": "resp_1", "object": "response"}', 'resp_1'],
    ['{"id":"42","name":"a tool\'s own result"}', undefined],
    ['{"choices":[],"id":"late"}', undefined],
    ['plain text', undefined],
  ])('OpenInference: the id of a reply is in its text: %s', (output, id) => {
    expect(derive({ 'openinference.span.kind': 'LLM', 'output.value': output }).responseId).toBe(id)
  })

  it('MLflow: values are JSON, strings in quotes', () => {
    expect(derive({ 'mlflow.spanType': '"CHAT_MODEL"', 'mlflow.trace.session': '"s-1"' })).toEqual({
      type: 'llm',
      session: 's-1',
    })
    expect(derive({ 'mlflow.spanType': 'TOOL', 'mlflow.trace.user': '"cut' })).toEqual({
      type: 'tool',
      user: '"cut',
    })
  })

  it('LangSmith: the session of a trace is a project there, and no conversation', () => {
    const fields = derive({
      'langsmith.trace.session_name': 'project',
      'langsmith.trace.session_id': 'project-id',
      'langsmith.metadata.thread_id': 'thread',
      'langsmith.span.tags': 'a, b,a,',
      'langsmith.span.kind': 'llm',
    })
    expect(fields).toEqual({ type: 'llm', session: 'thread', tags: ['a', 'b'] })
  })

  it('Pydantic AI: an agent run has usage and is no model call', () => {
    const fields = derive({ agent_name: 'planner', 'gen_ai.usage.input_tokens': 5, 'operation.cost': 0.01 })
    expect(fields).toEqual({ type: 'agent', agent: 'planner', usage: { input: 5, total: 5 }, cost: 0.01 })
  })

  it('plain HTTP spans are HTTP, model calls over HTTP are not', () => {
    expect(derive({ 'http.request.method': 'GET' }).type).toBe('http')
    expect(derive({ 'http.request.method': 'POST', 'gen_ai.request.model': 'm' }).type).toBe('llm')
  })

  it('costs are summed from their parts where there is no total', () => {
    expect(derive({ 'llm.cost.prompt': 0.25, 'llm.cost.completion': 0.5 }).cost).toBe(0.75)
    expect(derive({ 'llm.cost.prompt': 0.25 }).cost).toBeUndefined()
  })
})
