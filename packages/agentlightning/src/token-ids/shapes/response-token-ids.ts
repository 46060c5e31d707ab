// `response_token_ids` of the reply, one list per choice: the vLLM below 0.10.2 that `agl vllm` patched.
import { listsOf } from '../id-list.ts'
import type { Shape } from './shape.ts'

export const responseTokenIds: Shape = {
  name: 'response_token_ids',
  title: 'vLLM patched by agl vllm: response_token_ids, one list per choice',
  gives: ['response'],
  read({ object }, finds) {
    for (const [choice, ids] of listsOf(object.response_token_ids).entries())
      finds.response(choice, ids, `response_token_ids[${choice}]`)
  },
}
