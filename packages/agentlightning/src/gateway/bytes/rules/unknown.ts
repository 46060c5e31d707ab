// A server that nobody named: each reply is cut by the rules of the server whose marks it bears.
import type { RulesOf } from '../types.ts'
import { litellmRules } from './litellm.ts'
import { sglangRules } from './sglang.ts'
import { vllmRules } from './vllm.ts'

export const unknownRules: RulesOf = (dialect, context) => {
  const vllm = vllmRules(dialect, context)
  if (vllm === undefined) return undefined
  const sglang = sglangRules(dialect, context)
  const litellm = litellmRules(dialect, context)
  return {
    ...vllm,
    marked: [
      ...(sglang === undefined ? [] : [{ mark: '"matched_stop"', rules: sglang }]),
      ...(litellm === undefined ? [] : [{ mark: '"provider_specific_fields"', rules: litellm }]),
    ],
  }
}
