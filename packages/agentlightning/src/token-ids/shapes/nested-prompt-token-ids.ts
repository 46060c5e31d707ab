// `prompt_token_ids` as a list of lists, one per prompt: TensorRT-LLM `trtllm-serve`. The choices of one prompt
// follow each other.
import { isNested } from '../id-list.ts'
import type { Shape } from './shape.ts'

export const nestedPromptTokenIds: Shape = {
  name: 'prompt_token_ids[]',
  title: 'TensorRT-LLM: prompt_token_ids, one list per prompt',
  gives: ['prompt'],
  read({ object, choices }, finds) {
    const lists = object.prompt_token_ids
    if (!isNested(lists)) return
    if (lists.length === 1) return finds.prompt(lists[0], 'prompt_token_ids[0]')
    const each = choices.length / lists.length
    for (const { index } of choices) {
      const at = Number.isInteger(each) ? Math.floor(index / each) : index
      finds.promptOf(index, lists[at], `prompt_token_ids[${at}]`)
    }
  },
}
