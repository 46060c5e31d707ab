// What to add to a request so that its reply carries token ids, per server, dialect and kind of reply.
import type { CallDialect } from '../../../token-ids/types.ts'
import type { Ask, AskOf, AskOptions, Backend, InsertedMember, Question, RequestMembers } from '../types.ts'
import { askLlamaCpp } from './llama-cpp.ts'
import { askSglang } from './sglang.ts'
import { askTgi } from './tgi.ts'

const idFlag: InsertedMember = { name: 'return_token_ids', json: 'true' }
const idQuestion: Ask = { members: [idFlag] }

const askVllm: AskOf = (dialect) => {
  if (dialect === 'chat' || dialect === 'completions') return idQuestion
  if (dialect !== 'responses') return undefined
  return { members: [{ name: 'enable_response_messages', json: 'true' }] }
}

const askLitellm: AskOf = (dialect, request) =>
  request.stream !== true && (dialect === 'chat' || dialect === 'completions') ? idQuestion : undefined

const askUnknown: AskOf = (dialect) =>
  dialect === 'chat' || dialect === 'completions' ? idQuestion : undefined

const askOf: Readonly<Record<Backend, AskOf>> = {
  vllm: askVllm,
  sglang: askSglang,
  litellm: askLitellm,
  'llama.cpp': askLlamaCpp,
  tgi: askTgi,
  openai: () => undefined,
  unknown: askUnknown,
}

const nothing: Question = { members: [], headers: [], names: [] }

/**
 * What to add to a request; empty lists for nothing. Never with `echo`, whose text the flags change, and never a
 * member or header that the client wrote itself.
 */
export function askFor(
  backend: Backend,
  dialect: CallDialect,
  request: RequestMembers,
  options: AskOptions = {},
): Question {
  if (request.echo === true) return nothing
  const ask = askOf[backend](dialect, request, options)
  const wanted = [...(ask?.members ?? []), ...logprobsFor(backend, dialect, request, options)]
  const members = wanted.filter((member) => !request.has(nameOf(member)))
  const headers = ask?.headers ?? []
  return { members, headers, names: [...members.map(nameOf), ...headers.map(([name]) => name)] }
}

/** The name under which an added member is known: `parameters.details` for one that is written into `parameters`. */
function nameOf({ name, within }: InsertedMember): string {
  return within === undefined ? name : `${within}.${name}`
}

// LiteLLM changes prompts and streams with log probabilities; llama.cpp refuses them in a stream with tools.
function logprobsFor(
  backend: Backend,
  dialect: CallDialect,
  request: RequestMembers,
  options: AskOptions,
): InsertedMember[] {
  if (options.logprobs !== true || backend === 'litellm' || backend === 'tgi') return []
  if (backend === 'llama.cpp' && request.stream === true && request.tools) return []
  if (dialect === 'chat') return [{ name: 'logprobs', json: 'true' }]
  return dialect === 'completions' ? [{ name: 'logprobs', json: '1' }] : []
}
