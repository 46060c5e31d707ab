// OpenTelemetry GenAI conventions (opentelemetry.io/docs/specs/semconv/gen-ai): names in force, and those
// deprecated by version 1.37, which many SDKs still write.
import { count, type Dialect, kind, label, marks, money, text } from './dialect.ts'
import { operationWords } from './kinds.ts'

/** Names in force. `input_tokens` includes cached tokens by definition. */
export const otelGenAi: Dialect = {
  id: 'otel-genai',
  title: 'OTel GenAI',
  span: [
    kind('gen_ai.operation.name', operationWords),
    text('gen_ai.provider.name', 'provider'),
    text('gen_ai.request.model', 'requestModel'),
    text('gen_ai.response.model', 'responseModel'),
    label('gen_ai.response.id', 'responseId'),
    text('gen_ai.agent.name', 'agent'),
    text('gen_ai.tool.name', 'tool'),
    label('gen_ai.conversation.id', 'session'),
    count('gen_ai.usage.input_tokens', 'usage.input'),
    count('gen_ai.usage.output_tokens', 'usage.output'),
    count('gen_ai.usage.total_tokens', 'usage.total'),
    count('gen_ai.usage.cache_read.input_tokens', 'usage.cacheRead'),
    count('gen_ai.usage.cache_creation.input_tokens', 'usage.cacheWrite'),
    count('gen_ai.usage.reasoning.output_tokens', 'usage.reasoning'),
    money('gen_ai.usage.cost', 'cost'),
  ],
}

/** Names deprecated by version 1.37 of the conventions. */
export const otelGenAiOld: Dialect = {
  id: 'otel-genai-old',
  title: 'OTel GenAI before 1.37',
  span: [
    text('gen_ai.system', 'provider'),
    count('gen_ai.usage.prompt_tokens', 'usage.input'),
    count('gen_ai.usage.completion_tokens', 'usage.output'),
  ],
}

/** General OpenTelemetry names that any instrumentation may write. */
export const otelGeneral: Dialect = {
  id: 'otel',
  title: 'OpenTelemetry',
  span: [
    label('session.id', 'session'),
    label('user.id', 'user'),
    label('enduser.id', 'user'),
    marks('http.request.method', 'http'),
    marks('http.method', 'http'),
  ],
  resource: [
    text('service.name', 'service'),
    label('session.id', 'session'),
    label('user.id', 'user'),
    label('enduser.id', 'user'),
  ],
}
