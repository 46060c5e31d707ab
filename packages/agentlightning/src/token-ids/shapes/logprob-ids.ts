// `choices[].logprobs.content[].id`: llama.cpp chat and completions with `logprobs`. Of a character of several
// tokens only the last id is there, and streams leave out the token that ends the reply.
import { listOf, objectOf } from '../json.ts'
import { pluck, type Shape } from './shape.ts'

export const logprobIds: Shape = {
  name: 'logprobs.content[].id',
  title: 'llama.cpp: ids of logprobs.content',
  gives: ['response'],
  lossy: true,
  read({ choices }, finds) {
    for (const { index, object, path } of choices) {
      const ids = pluck(listOf(objectOf(object.logprobs)?.content), 'id')
      if (ids.some((id) => id !== undefined)) finds.response(index, ids, `${path}.logprobs.content[].id`)
    }
  },
}
