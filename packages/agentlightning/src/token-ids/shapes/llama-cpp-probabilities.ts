// `completion_probabilities` of llama.cpp's `/completion` with `n_probs`: logprobs, and ids for replies without
// `return_tokens`. Of a character of several tokens only the last id is there.
import { listOf } from '../json.ts'
import { pluck, type Shape } from './shape.ts'

export const llamaCppProbabilities: Shape = {
  name: 'completion_probabilities[].id',
  title: 'llama.cpp /completion: ids of completion_probabilities',
  gives: ['response', 'logprobs'],
  lossy: true,
  read({ object, choice }, finds) {
    const items = listOf(object.completion_probabilities)
    const [ids, logprobs] = [pluck(items, 'id'), pluck(items, 'logprob')]
    const path = 'completion_probabilities[]'
    if (ids.some((id) => id !== undefined)) finds.response(choice, ids, `${path}.id`)
    if (logprobs.some((value) => value !== undefined)) finds.logprobs(choice, logprobs, `${path}.logprob`)
  },
}
