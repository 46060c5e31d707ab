// What a call is named as a span: operations of OTel GenAI (opentelemetry.io/docs/specs/semconv/gen-ai).
import type { SpanType } from '../fields.ts'

const operations: Readonly<Record<string, { operation: string; type: SpanType }>> = {
  chat: { operation: 'chat', type: 'llm' },
  messages: { operation: 'chat', type: 'llm' },
  responses: { operation: 'chat', type: 'llm' },
  completions: { operation: 'text_completion', type: 'llm' },
  generate: { operation: 'text_completion', type: 'llm' },
  embeddings: { operation: 'embeddings', type: 'embedding' },
}

/** Operation and type of the span of a call that speaks a dialect. */
export function operationOf(dialect: string): { readonly operation: string; readonly type: SpanType } {
  return operations[dialect] ?? { operation: 'http', type: 'http' }
}
