// What a span's name tells, where its attributes do not: the last resort of derivation.

import { kindWords } from './dialects/kinds.ts'
import type { SpanType } from './fields.ts'

const TOOL_CALL = 'tool_call.'
const EXECUTE_TOOL = 'execute_tool '
const INVOKE_AGENT = 'invoke_agent '

/** Beginnings of names that SDKs give to spans of one kind. */
const beginnings: readonly (readonly [string, SpanType])[] = [
  [TOOL_CALL, 'tool'],
  [EXECUTE_TOOL, 'tool'],
  [INVOKE_AGENT, 'agent'],
  ['openai.chat', 'llm'],
  ['openai.completion', 'llm'],
  ['openai.responses', 'llm'],
  ['openai.embeddings', 'embedding'],
  ['anthropic.messages', 'llm'],
  ['anthropic.completions', 'llm'],
  ['gemini.generate_content', 'llm'],
  ['chat_model.', 'llm'],
  ['llm.completion', 'llm'],
  ['agentlightning.reward', 'evaluator'],
]

/** Spans of the AgentOps JS SDK that have no attribute in common with others. */
const agentOpsJs: ReadonlyMap<string, SpanType> = new Map<string, SpanType>([
  ['Generation', 'llm'],
  ['Response', 'llm'],
])

/** The type that a name suggests. AgentOps names its spans `operation.kind`, other scopes do not. */
export function typeOfName(name: string, scopeName: string): SpanType | undefined {
  for (const [beginning, type] of beginnings) if (name.startsWith(beginning)) return type
  if (scopeName !== 'agentops') return undefined
  return agentOpsJs.get(name) ?? kindWords.get(name.slice(name.lastIndexOf('.') + 1))
}

/** The tool in `tool_call.NAME` (AgentOps 0.4.18–0.4.21) or `execute_tool NAME` (OTel GenAI). */
export function toolOfName(name: string): string | undefined {
  return after(name, TOOL_CALL) ?? after(name, EXECUTE_TOOL)
}

/** The agent in `invoke_agent NAME` (OTel GenAI). */
export function agentOfName(name: string): string | undefined {
  return after(name, INVOKE_AGENT)
}

function after(name: string, beginning: string): string | undefined {
  if (!name.startsWith(beginning)) return undefined
  return name.slice(beginning.length).trim() || undefined
}
