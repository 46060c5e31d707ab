// LiteLLM (1.106.2) moves members of a choice that it does not know into `provider_specific_fields`. Nothing is asked
// for in streams: it passes on a part of the ids at best.
import { EACH, type RulesOf } from '../types.ts'
import { cutRules, ids } from './common.ts'

const moved = ['choices', EACH, 'provider_specific_fields']

export const litellmRules: RulesOf = (dialect, { added, streamed }) => {
  if (streamed || !added.includes('return_token_ids')) return undefined
  if (dialect === 'chat') {
    return cutRules([
      ids('remove', 'prompt_token_ids'),
      // From vLLM, whose null LiteLLM passes on, and from SGLang.
      ids('null', ...moved, 'token_ids'),
      ids('remove', ...moved, 'prompt_token_ids'),
      ids('remove', ...moved, 'response_token_ids'),
    ])
  }
  if (dialect === 'completions') {
    return cutRules([
      ids('null', 'choices', EACH, 'prompt_token_ids'),
      ids('null', 'choices', EACH, 'token_ids'),
    ])
  }
  return undefined
}
