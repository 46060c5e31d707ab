// Which token ids the client itself asked for: then it is no fault of the request when there are none.
import type { CallDialect } from '../token-ids/types.ts'
import type { RequestMembers } from './bytes/index.ts'
import { type FlatHeaders, headerOf } from './headers.ts'

/** Members of a request that ask for ids where they are true: of vLLM, SGLang, llama.cpp and TGI. */
const flags = [
  'return_token_ids',
  'enable_response_messages',
  'return_input_ids_in_sglext',
  'return_output_ids_in_sglext',
  'return_logprob',
  'return_tokens',
  'parameters.details',
] as const

/** Headers that ask SGLang for them. */
const headers = ['x-sglext-return-input-ids', 'x-sglext-return-output-ids'] as const

/** Names of the members and headers with which a client asked for token ids. */
export function flagsOfClient(members: RequestMembers, dialect: CallDialect, raw: FlatHeaders): string[] {
  const written = flags.filter((name) => members.isTrue(name) && isHeard(name, dialect, members))
  return [...written, ...headers.filter((name) => headerOf(raw, name) !== undefined)]
}

/** In chat llama.cpp writes tokens only into what `verbose` adds. */
function isHeard(name: (typeof flags)[number], dialect: CallDialect, members: RequestMembers): boolean {
  return name !== 'return_tokens' || dialect !== 'chat' || members.isTrue('verbose')
}
