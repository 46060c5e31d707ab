// llama.cpp (build 7e4c0a9): the ids of a chat are within `__verbose`; the native route sends `tokens` always, empty
// when they are not asked for.
import type { RulesOf } from '../types.ts'
import { cutRules, ids, logprobs, object } from './common.ts'

export const llamaCppRules: RulesOf = (dialect, context) => {
  const { added, streamed } = context
  const hasTokens = added.includes('return_tokens') && !streamed
  switch (dialect) {
    case 'chat': {
      const tokens =
        added.includes('verbose') && !streamed
          ? [object('remove', '__verbose')]
          : hasTokens
            ? [ids('emptyArray', '__verbose', 'tokens')]
            : []
      return cutRules([...tokens, ...logprobs(context, 'remove')])
    }
    case 'completions':
      return cutRules(logprobs(context, 'null'))
    case 'generate':
      return cutRules(hasTokens ? [ids('emptyArray', 'tokens')] : [])
    default:
      return undefined
  }
}
