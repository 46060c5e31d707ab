// OpenInference (github.com/Arize-ai/openinference, `spec/semantic_conventions.md`).
import { count, type Dialect, kind, label, money, tags, text } from './dialect.ts'
import { kindWords } from './kinds.ts'
import { readReplyId } from './reply-id.ts'

/** OpenInference: counts of `llm.token_count.prompt` include cached tokens. */
export const openInference: Dialect = {
  id: 'openinference',
  title: 'OpenInference',
  span: [
    kind('openinference.span.kind', kindWords),
    text('llm.provider', 'provider'),
    text('llm.system', 'provider'),
    text('llm.request.model_name', 'requestModel'),
    text('llm.model_name', 'requestModel'),
    text('embedding.model_name', 'requestModel'),
    text('reranker.model_name', 'requestModel'),
    text('llm.response.model_name', 'responseModel'),
    { key: 'output.value', field: 'responseId', read: readReplyId },
    text('agent.name', 'agent'),
    text('tool.name', 'tool'),
    label('session.id', 'session'),
    label('user.id', 'user'),
    tags('tag.tags'),
    count('llm.token_count.prompt', 'usage.input'),
    count('llm.token_count.completion', 'usage.output'),
    count('llm.token_count.total', 'usage.total'),
    count('llm.token_count.prompt_details.cache_read', 'usage.cacheRead'),
    count('llm.token_count.prompt_details.cache_input', 'usage.cacheRead'),
    count('llm.token_count.prompt_details.cache_write', 'usage.cacheWrite'),
    count('llm.token_count.completion_details.reasoning', 'usage.reasoning'),
    money('llm.cost.total', 'cost'),
    money('llm.cost.prompt', 'cost.input'),
    money('llm.cost.completion', 'cost.output'),
  ],
}
