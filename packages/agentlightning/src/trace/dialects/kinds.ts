// The words with which conventions name what a span stands for. A word that is not here says nothing.
import type { SpanType } from '../fields.ts'

/** Span kinds as AgentOps, OpenLLMetry, OpenInference, LangSmith, MLflow and Langfuse write them. */
export const kindWords: ReadonlyMap<string, SpanType> = new Map<string, SpanType>([
  ['llm', 'llm'],
  ['llm.call', 'llm'],
  ['chat_model', 'llm'],
  ['generation', 'llm'],
  ['completion', 'llm'],
  ['chat', 'llm'],
  ['agent', 'agent'],
  ['team', 'agent'],
  ['tool', 'tool'],
  ['tool.usage', 'tool'],
  ['tool_usage', 'tool'],
  ['function', 'tool'],
  ['chain', 'chain'],
  ['workflow', 'chain'],
  ['task', 'task'],
  ['operation', 'task'],
  ['workflow.step', 'task'],
  ['agent.action', 'task'],
  ['agent.thinking', 'task'],
  ['agent.decision', 'task'],
  ['retriever', 'retriever'],
  ['retrieval', 'retriever'],
  ['embedding', 'embedding'],
  ['reranker', 'reranker'],
  ['rerank', 'reranker'],
  ['guardrail', 'guardrail'],
  ['evaluator', 'evaluator'],
  ['session', 'session'],
  ['http', 'http'],
])

/**
 * `gen_ai.operation.name` of the OpenTelemetry GenAI conventions
 * (opentelemetry.io/docs/specs/semconv/gen-ai), and what Gemini CLI writes there.
 */
export const operationWords: ReadonlyMap<string, SpanType> = new Map<string, SpanType>([
  ['chat', 'llm'],
  ['generate_content', 'llm'],
  ['text_completion', 'llm'],
  ['llm_call', 'llm'],
  ['embeddings', 'embedding'],
  ['execute_tool', 'tool'],
  ['tool_call', 'tool'],
  ['create_agent', 'agent'],
  ['invoke_agent', 'agent'],
  ['agent_call', 'agent'],
  ['invoke_workflow', 'chain'],
  ['retrieval', 'retriever'],
  ['rerank', 'reranker'],
  ['search_memory', 'retriever'],
  ['plan', 'task'],
  // Vercel's AI SDK 7: one round of a loop of model and tools.
  ['agent_step', 'task'],
])

/** `gen_ai.request.type` and `llm.request.type` of OpenLLMetry: what a model was asked for. */
export const requestWords: ReadonlyMap<string, SpanType> = new Map<string, SpanType>([
  ['chat', 'llm'],
  ['completion', 'llm'],
  ['embedding', 'embedding'],
  ['rerank', 'reranker'],
])
