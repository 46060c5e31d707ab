// `choices[].token_ids`: vLLM from 0.10.2 (chat, completions, their streams), SGLang completions, TensorRT-LLM.
import type { Shape } from './shape.ts'

export const choiceTokenIds: Shape = {
  name: 'choices[].token_ids',
  title: 'vLLM: token_ids of each choice',
  gives: ['response'],
  read({ choices }, finds) {
    for (const { index, object, path } of choices)
      finds.response(index, object.token_ids, `${path}.token_ids`)
  },
}
