// llama.cpp's own `/completion` with `return_tokens`: `tokens`, in a stream those of each event. A list without
// the flag is empty.
import type { Shape } from './shape.ts'

export const llamaCppNative: Shape = {
  name: 'tokens',
  title: 'llama.cpp /completion: tokens',
  gives: ['response'],
  read({ object, choice }, finds) {
    if (typeof object.content === 'string') finds.response(choice, object.tokens, 'tokens')
  },
}
