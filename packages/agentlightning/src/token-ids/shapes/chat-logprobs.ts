// `choices[].logprobs.content` and `.refusal`: logprobs of OpenAI chat and of every server in its form; llama.cpp
// uses it for completions as well.
import { objectOf } from '../json.ts'
import { pluckAny, type Shape } from './shape.ts'

export const chatLogprobs: Shape = {
  name: 'logprobs.content',
  title: 'OpenAI chat: logprobs.content and logprobs.refusal',
  gives: ['logprobs'],
  read({ choices }, finds) {
    for (const { index, object, path } of choices) {
      const logprobs = objectOf(object.logprobs)
      if (!logprobs) continue
      finds.logprobs(index, pluckAny(logprobs.content, 'logprob'), `${path}.logprobs.content`)
      finds.refusalLogprobs(index, pluckAny(logprobs.refusal, 'logprob'), `${path}.logprobs.refusal`)
    }
  },
}
