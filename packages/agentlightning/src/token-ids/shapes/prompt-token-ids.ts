// `prompt_token_ids` of the reply: vLLM chat from 0.10.2, plain and on the role chunk of each choice of a stream;
// the patched vLLM of `agl vllm`; LiteLLM in front of either.
import { isNested } from '../id-list.ts'
import type { Shape } from './shape.ts'

export const promptTokenIds: Shape = {
  name: 'prompt_token_ids',
  title: 'vLLM chat: prompt_token_ids',
  gives: ['prompt'],
  read({ object, choices, streamed }, finds) {
    const ids = object.prompt_token_ids
    if (isNested(ids)) return
    const [only, another] = choices
    if (streamed && only && !another) finds.promptOf(only.index, ids, 'prompt_token_ids')
    else finds.prompt(ids, 'prompt_token_ids')
  },
}
