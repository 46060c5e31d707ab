// `choices[].response_token_ids`: SGLang chat with `return_token_ids`.
import type { Shape } from './shape.ts'

export const choiceResponseTokenIds: Shape = {
  name: 'choices[].response_token_ids',
  title: 'SGLang chat: response_token_ids of each choice',
  gives: ['response'],
  read({ choices }, finds) {
    for (const { index, object, path } of choices)
      finds.response(index, object.response_token_ids, `${path}.response_token_ids`)
  },
}
