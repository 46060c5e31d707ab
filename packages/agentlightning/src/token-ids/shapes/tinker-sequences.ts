// `sequences[]` of Tinker's native sampling: tokens and logprobs of each sample.
import { listOf, objectOf } from '../json.ts'
import type { Shape } from './shape.ts'

export const tinkerSequences: Shape = {
  name: 'sequences[].tokens',
  title: 'Tinker: tokens and logprobs of sequences',
  gives: ['response', 'logprobs'],
  read({ object }, finds) {
    for (const [choice, item] of listOf(object.sequences).entries()) {
      const sequence = objectOf(item)
      if (!sequence) continue
      finds.response(choice, sequence.tokens, `sequences[${choice}].tokens`)
      finds.logprobs(choice, sequence.logprobs, `sequences[${choice}].logprobs`)
    }
  },
}
