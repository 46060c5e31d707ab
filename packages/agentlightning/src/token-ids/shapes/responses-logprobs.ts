// `output[].content[].logprobs`: the Responses API with `include: ["message.output_text.logprobs"]`.
import { listOf, objectOf } from '../json.ts'
import { pluck, type Shape } from './shape.ts'

export const responsesLogprobs: Shape = {
  name: 'output[].content[].logprobs',
  title: 'OpenAI Responses: logprobs of output_text',
  gives: ['logprobs'],
  read({ object, choice }, finds) {
    const values = listOf(object.output)
      .flatMap((item) => listOf(objectOf(item)?.content))
      .flatMap((content) => pluck(listOf(objectOf(content)?.logprobs), 'logprob'))
    finds.logprobsSoFar(choice, values, 'output[].content[].logprobs')
  },
}
