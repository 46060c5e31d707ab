// Vercel AI SDK 4 to 6 (`packages/ai/src/telemetry`); version 7 writes OTel GenAI names, `ai.*` beside them.
import type { ValueView } from '../../otlp/scan/span-view.ts'
import type { SpanType } from '../fields.ts'
import { count, type Dialect, kind, label, tags, text } from './dialect.ts'
import { readText } from './read.ts'

/** The outer span of a call repeats the usage of its inner ones: a chain, not a model call. */
const operations: ReadonlyMap<string, SpanType> = new Map<string, SpanType>([
  ['ai.generatetext', 'chain'],
  ['ai.streamtext', 'chain'],
  ['ai.generateobject', 'chain'],
  ['ai.streamobject', 'chain'],
  ['ai.generatetext.dogenerate', 'llm'],
  ['ai.streamtext.dostream', 'llm'],
  ['ai.generateobject.dogenerate', 'llm'],
  ['ai.streamobject.dostream', 'llm'],
  ['ai.toolcall', 'tool'],
  ['ai.embed', 'chain'],
  ['ai.embedmany', 'chain'],
  ['ai.embed.doembed', 'embedding'],
  ['ai.embedmany.doembed', 'embedding'],
  ['ai.rerank', 'reranker'],
  ['ai.rerank.dorerank', 'reranker'],
])

/** `openai.chat`, `anthropic.messages`: the part after the last dot names an endpoint, not the provider. */
function readProvider(value: ValueView): string | undefined {
  const provider = readText(value)
  if (provider === undefined) return undefined
  const dot = provider.lastIndexOf('.')
  return dot > 0 ? provider.slice(0, dot) : provider
}

/** Vercel AI SDK. */
export const vercelAi: Dialect = {
  id: 'vercel-ai',
  title: 'Vercel AI SDK',
  span: [
    kind('ai.operationId', operations),
    { key: 'ai.model.provider', field: 'provider', read: readProvider },
    text('ai.model.id', 'requestModel'),
    text('ai.response.model', 'responseModel'),
    label('ai.response.id', 'responseId'),
    text('ai.toolCall.name', 'tool'),
    text('ai.telemetry.functionId', 'agent'),
    label('ai.telemetry.metadata.sessionId', 'session'),
    label('ai.settings.context.sessionId', 'session'),
    label('ai.telemetry.metadata.userId', 'user'),
    label('ai.settings.context.userId', 'user'),
    tags('ai.telemetry.metadata.tags'),
    tags('ai.settings.context.tags'),
    count('ai.usage.inputTokens', 'usage.input'),
    count('ai.usage.promptTokens', 'usage.input'),
    count('ai.usage.tokens', 'usage.input'),
    count('ai.usage.outputTokens', 'usage.output'),
    count('ai.usage.completionTokens', 'usage.output'),
    count('ai.usage.totalTokens', 'usage.total'),
    count('ai.usage.inputTokenDetails.cacheReadTokens', 'usage.cacheRead'),
    count('ai.usage.cachedInputTokens', 'usage.cacheRead'),
    count('ai.usage.inputTokenDetails.cacheWriteTokens', 'usage.cacheWrite'),
    count('ai.usage.outputTokenDetails.reasoningTokens', 'usage.reasoning'),
    count('ai.usage.reasoningTokens', 'usage.reasoning'),
  ],
}
