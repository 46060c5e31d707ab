// `choices[].prompt_token_ids`: completions of vLLM and SGLang, where each choice may have a prompt of its own,
// and SGLang chat.
import type { Shape } from './shape.ts'

export const choicePromptTokenIds: Shape = {
  name: 'choices[].prompt_token_ids',
  title: 'vLLM and SGLang completions, SGLang chat: prompt_token_ids of each choice',
  gives: ['prompt'],
  read({ choices }, finds) {
    for (const { index, object, path } of choices)
      finds.promptOf(index, object.prompt_token_ids, `${path}.prompt_token_ids`)
  },
}
