// AgentOps SDKs (Python 0.4.x, JS 0.1.0) and OpenLLMetry, whose attribute names AgentOps took over.
import { count, type Dialect, kind, label, marks, money, tags, text } from './dialect.ts'
import { kindWords, requestWords } from './kinds.ts'

/**
 * AgentOps Python 0.4.0–0.4.21 (agentops `semconv/`, `sdk/decorators/utility.py` of those versions) and
 * AgentOps JS 0.1.0 (`semconv/`). LLM spans of Python have no span kind: `gen_ai.request.type` tells them.
 */
export const agentOps: Dialect = {
  id: 'agentops',
  title: 'AgentOps',
  span: [
    kind('agentops.span.kind', kindWords),
    // 0.4.13 to 0.4.21; the second is what `end_session(end_state=…)` wrote from 0.4.4 to 0.4.12.
    text('agentops.session.end_state', 'endState'),
    text('agentops.status.end_state', 'endState'),
    // 0.4.13 and later; the second from 0.4.3 to 0.4.12.
    tags('agentops.tags'),
    tags('tags'),
    text('agent.name', 'agent'),
    text('tool.name', 'tool'),
    text('operation.name', 'entity'),
    text('agentops.operation.name', 'entity'),
    label('workflow.session_id', 'session'),
    label('group.id', 'session'),
    label('workflow.user_id', 'user'),
    label('gen_ai.user', 'user'),
    label('gen_ai.completion.0.id', 'responseId'),
    count('gen_ai.usage.cache_read_input_tokens', 'usage.cacheRead'),
    count('gen_ai.usage.cache_creation_input_tokens', 'usage.cacheWrite'),
    count('gen_ai.usage.reasoning_tokens', 'usage.reasoning'),
    money('gen_ai.usage.total_cost', 'cost'),
    money('gen_ai.usage.prompt_cost', 'cost.input'),
    money('gen_ai.usage.completion_cost', 'cost.output'),
    // JS 0.1.0.
    text('function.name', 'tool'),
    label('response.id', 'responseId'),
    marks('guardrail.name', 'guardrail'),
  ],
  resource: [tags('agentops.tags'), tags('tags')],
}

/** OpenLLMetry before 0.60 (traceloop `semconv_ai`): flattened messages, `traceloop.*` entities. */
export const openLlmetry: Dialect = {
  id: 'openllmetry',
  title: 'OpenLLMetry',
  span: [
    kind('traceloop.span.kind', kindWords),
    kind('gen_ai.request.type', requestWords),
    kind('llm.request.type', requestWords),
    text('traceloop.entity.name', 'entity'),
    label('traceloop.association.properties.session_id', 'session'),
    label('traceloop.association.properties.thread_id', 'session'),
    label('traceloop.association.properties.conversation_id', 'session'),
    label('traceloop.association.properties.user_id', 'user'),
    count('llm.usage.total_tokens', 'usage.total'),
    // Last of all: a span that shows a conversation and names neither model nor provider.
    marks('gen_ai.prompt.0.role', 'llm'),
    marks('gen_ai.completion.0.role', 'llm'),
  ],
}
