// Whether a span is that of a model call, by what the known instrumentations write on theirs at its start.
import type { OtelSpan } from './otel.ts'

/** Kinds by the attribute that names them; one of these says it alone. */
const kinds: readonly (readonly [string, ReadonlySet<unknown>])[] = [
  ['openinference.span.kind', new Set(['LLM'])],
  ['agentops.span.kind', new Set(['llm'])],
  ['traceloop.span.kind', new Set(['llm'])],
  ['gen_ai.operation.name', new Set(['chat', 'text_completion', 'generate_content', 'responses'])],
]

/** Only model calls carry these. */
const marks = ['gen_ai.request.model', 'llm.request.type', 'llm.model_name']

/** Calls of the AI SDK as its versions 4 to 6 name them. */
const aiSdkCall = /^ai\.(generate|stream)(Text|Object)\.do(Generate|Stream)$/

/** True for the span of a model call; false for one around it, such as an agent's, and for one that cannot be read. */
export function isLlmSpan({ attributes, name }: OtelSpan): boolean {
  if (!attributes) return false
  for (const [key, calls] of kinds) if (attributes[key] !== undefined) return calls.has(attributes[key])
  if (name?.startsWith('ai.')) return aiSdkCall.test(name)
  return marks.some((key) => attributes[key] !== undefined)
}
