// SGLang (0.5.23) leaves its id members out when they are not asked for.
import { type CutContext, type CutRules, EACH, type EventCondition, type RulesOf } from '../types.ts'
import { cutRules, ids, logprobs } from './common.ts'

/** Header that has the ids of a chat stream sent as an event of their own. */
export const FRAMED = 'x-sglext-ids-framed'
/** Header that asks for prompt ids in `sglext`. */
export const INPUT_IDS = 'x-sglext-return-input-ids'
/** Header that asks for response ids in `sglext`. */
export const OUTPUT_IDS = 'x-sglext-return-output-ids'

// Unframed, the ids share a chunk with whatever else the client asked for in `sglext`; without any it is ours.
const idsOnly: readonly EventCondition[] = [
  { path: ['choices'], is: 'emptyArray' },
  { path: ['sglext'], is: 'cut' },
  { path: ['usage'], is: 'null', optional: true },
]

export const sglangRules: RulesOf = (dialect, context) => {
  const { added, streamed, request } = context
  const hasIds = added.includes('return_token_ids')
  const isPromptAsked = request?.isTrue('return_prompt_token_ids') === true
  const prompt = isPromptAsked ? [] : [ids('remove', 'choices', EACH, 'prompt_token_ids')]
  if (dialect === 'chat' && streamed) return chatStream(context)
  if (dialect === 'chat') {
    const tokens = hasIds ? [...prompt, ids('remove', 'choices', EACH, 'response_token_ids')] : []
    return cutRules([...tokens, ...logprobs(context, 'null')])
  }
  if (dialect === 'completions') {
    const tokens = hasIds ? [...prompt, ids('remove', 'choices', EACH, 'token_ids')] : []
    return cutRules([...tokens, ...logprobs(context, 'null')])
  }
  return undefined
}

function chatStream(context: CutContext): CutRules | undefined {
  const { added } = context
  const tokens = [
    ...(added.includes(INPUT_IDS) ? [ids('prune', 'sglext', 'input_ids')] : []),
    ...(added.includes(OUTPUT_IDS) ? [ids('prune', 'sglext', 'output_ids')] : []),
  ]
  const rules = [...tokens, ...logprobs(context, 'null')]
  if (tokens.length === 0) return cutRules(rules)
  const dropEvent = added.includes(FRAMED) ? { dropEvent: 'sglext_ids' } : {}
  return cutRules(rules, { dropWhen: idsOnly, ...dropEvent })
}
