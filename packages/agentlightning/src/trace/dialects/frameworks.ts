// Conventions of single products that need only a few lines each.
import {
  commaTags,
  count,
  countWithoutCached,
  type Dialect,
  type FieldName,
  kind,
  label,
  money,
  type Rule,
  tags,
  text,
} from './dialect.ts'
import { kindWords } from './kinds.ts'
import { kindOf, readJsonLabel } from './read.ts'

/** Pydantic AI and Logfire; their counts use the OTel GenAI names. */
export const logfire: Dialect = {
  id: 'logfire',
  title: 'Logfire / Pydantic AI',
  span: [
    text('agent_name', 'agent'),
    money('operation.cost', 'cost'),
    label('conversation_id', 'session'),
    tags('logfire.tags'),
  ],
}

/** LangSmith. `langsmith.trace.session_name` and `session_id` name a project there, not a conversation. */
export const langSmith: Dialect = {
  id: 'langsmith',
  title: 'LangSmith',
  span: [
    kind('langsmith.span.kind', kindWords),
    text('langsmith.metadata.ls_provider', 'provider'),
    text('langsmith.metadata.ls_model_name', 'requestModel'),
    label('langsmith.metadata.thread_id', 'session'),
    label('langsmith.metadata.session_id', 'session'),
    label('langsmith.metadata.conversation_id', 'session'),
    label('langsmith.metadata.user_id', 'user'),
    commaTags('langsmith.span.tags'),
  ],
}

const json = (key: string, field: FieldName): Rule => ({ key, field, read: readJsonLabel })

/** MLflow: every value is JSON, strings too. */
export const mlflow: Dialect = {
  id: 'mlflow',
  title: 'MLflow',
  span: [
    { key: 'mlflow.spanType', field: 'type', read: (value) => kindOf(kindWords, readJsonLabel(value)) },
    json('mlflow.trace.session', 'session'),
    json('mlflow.trace.user', 'user'),
  ],
}

/** Langfuse SDK 3 and later. */
export const langfuse: Dialect = {
  id: 'langfuse',
  title: 'Langfuse',
  span: [
    kind('langfuse.observation.type', kindWords),
    text('langfuse.observation.model.name', 'requestModel'),
    label('langfuse.session.id', 'session'),
    label('langfuse.user.id', 'user'),
    tags('langfuse.trace.tags'),
    tags('langfuse.tags'),
  ],
}

/** Google ADK. */
export const googleAdk: Dialect = {
  id: 'google-adk',
  title: 'Google ADK',
  span: [label('gcp.vertex.agent.session_id', 'session')],
}

/** Claude Code and its agent SDK: bare names, the input as Anthropic counts it, without cached tokens. */
export const claudeCode: Dialect = {
  id: 'claude-code',
  title: 'Claude Code',
  span: [
    kind(
      'span.type',
      new Map([
        ['claude_code.interaction', 'agent'],
        ['interaction', 'agent'],
        ['claude_code.llm_request', 'llm'],
        ['llm_request', 'llm'],
        ['claude_code.tool', 'tool'],
        ['tool', 'tool'],
      ]),
    ),
    countWithoutCached('input_tokens', 'usage.input'),
    count('output_tokens', 'usage.output'),
    count('cache_read_tokens', 'usage.cacheRead'),
    count('cache_creation_tokens', 'usage.cacheWrite'),
  ],
}
