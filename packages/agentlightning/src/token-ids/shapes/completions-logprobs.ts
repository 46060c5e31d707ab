// `choices[].logprobs.token_logprobs`: logprobs of OpenAI completions.
import { objectOf } from '../json.ts'
import type { Shape } from './shape.ts'

export const completionsLogprobs: Shape = {
  name: 'logprobs.token_logprobs',
  title: 'OpenAI completions: logprobs.token_logprobs',
  gives: ['logprobs'],
  read({ choices }, finds) {
    for (const { index, object, path } of choices) {
      const values = objectOf(object.logprobs)?.token_logprobs
      finds.logprobs(index, values, `${path}.logprobs.token_logprobs`)
    }
  },
}
