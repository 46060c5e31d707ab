// Which rules cut the replies of which server.
import type { CallDialect } from '../../../token-ids/types.ts'
import type { Backend, CutContext, CutRules, RulesOf } from '../types.ts'
import { litellmRules } from './litellm.ts'
import { llamaCppRules } from './llama-cpp.ts'
import { openaiRules } from './openai.ts'
import { sglangRules } from './sglang.ts'
import { tgiRules } from './tgi.ts'
import { unknownRules } from './unknown.ts'
import { vllmRules } from './vllm.ts'

const rulesOf: Readonly<Record<Backend, RulesOf>> = {
  vllm: vllmRules,
  sglang: sglangRules,
  litellm: litellmRules,
  'llama.cpp': llamaCppRules,
  tgi: tgiRules,
  openai: openaiRules,
  unknown: unknownRules,
}

/** What to cut from a reply; `undefined`: pass it untouched. Error replies carry none of it and can be passed, too. */
export function cutRulesFor(
  backend: Backend,
  dialect: CallDialect,
  context: CutContext,
): CutRules | undefined {
  return context.added.length === 0 ? undefined : rulesOf[backend](dialect, context)
}
