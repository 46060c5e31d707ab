// Text Generation Inference: `details` of the native route, which it leaves out when they are not asked for.
import type { RulesOf } from '../types.ts'
import { cutRules, ids, object } from './common.ts'

export const tgiRules: RulesOf = (dialect, { added, streamed }) => {
  if (dialect !== 'generate' || streamed) return undefined
  if (added.includes('parameters.details')) return cutRules([object('remove', 'details')])
  if (!added.includes('parameters.decoder_input_details')) return undefined
  return cutRules([ids('emptyArray', 'details', 'prefill')])
}
