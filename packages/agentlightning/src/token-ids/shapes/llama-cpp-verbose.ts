// `__verbose.tokens`: llama.cpp chat with `verbose` and `return_tokens` in the body.
import { objectOf } from '../json.ts'
import type { Shape } from './shape.ts'

export const llamaCppVerbose: Shape = {
  name: '__verbose.tokens',
  title: 'llama.cpp chat: __verbose.tokens',
  gives: ['response'],
  read({ object, choices }, finds) {
    const ids = objectOf(object.__verbose)?.tokens
    finds.response(choices[0]?.index ?? 0, ids, '__verbose.tokens')
  },
}
