// vLLM (0.10.2 to 0.32.0) sends its id members as null when they are not asked for, streaming or not.
import { EACH, type EventCondition, type RulesOf } from '../types.ts'
import { cutRules, ids, logprobs } from './common.ts'

// With `return_token_ids` vLLM also sends chunks for tokens without text of their own (parts of a character, marks of
// a tool call); without it these chunks are not sent at all.
const tokensOnly: readonly EventCondition[] = [
  { path: ['choices', EACH, 'delta'], is: 'emptyObject' },
  { path: ['choices', EACH, 'finish_reason'], is: 'null' },
  { path: ['choices', EACH, 'token_ids'], is: 'cut' },
]

export const vllmRules: RulesOf = (dialect, context) => {
  const { added, streamed } = context
  const hasIds = added.includes('return_token_ids')
  switch (dialect) {
    case 'chat': {
      const tokens = hasIds
        ? [ids('null', 'prompt_token_ids'), ids('null', 'choices', EACH, 'token_ids')]
        : []
      const rules = [...tokens, ...logprobs(context, 'null')]
      return cutRules(rules, hasIds && streamed ? { dropWhen: tokensOnly } : {})
    }
    case 'completions': {
      const tokens = hasIds
        ? [ids('null', 'choices', EACH, 'prompt_token_ids'), ids('null', 'choices', EACH, 'token_ids')]
        : []
      return cutRules([...tokens, ...logprobs(context, 'null')])
    }
    case 'responses': {
      const at = streamed ? ['response'] : []
      return added.includes('enable_response_messages')
        ? cutRules([ids('null', ...at, 'input_messages'), ids('null', ...at, 'output_messages')])
        : undefined
    }
    default:
      return undefined
  }
}
