// Servers without ids: only log probabilities can have been asked for.
import type { RulesOf } from '../types.ts'
import { cutRules, logprobs } from './common.ts'

export const openaiRules: RulesOf = (dialect, context) =>
  dialect === 'chat' || dialect === 'completions' ? cutRules(logprobs(context, 'null')) : undefined
