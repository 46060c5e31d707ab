// Ids written as `token_id:N` in place of the tokens' text: vLLM with `return_tokens_as_token_ids`.
import { listOf, objectOf } from '../json.ts'
import { pluck, type Shape } from './shape.ts'

const PREFIX = 'token_id:'

export const tokenIdStrings: Shape = {
  name: 'logprobs token_id:N',
  title: 'vLLM return_tokens_as_token_ids: token_id:N in the logprobs',
  gives: ['response'],
  read({ choices }, finds) {
    for (const { index, object, path } of choices) {
      const logprobs = objectOf(object.logprobs)
      if (!logprobs) continue
      const tokens = Array.isArray(logprobs.content)
        ? pluck(logprobs.content, 'token')
        : listOf(logprobs.tokens)
      const first = tokens[0]
      if (typeof first !== 'string' || !first.startsWith(PREFIX)) continue
      finds.response(index, tokens.map(idOf), `${path}.logprobs`)
    }
  },
}

function idOf(token: unknown): unknown {
  const digits = typeof token === 'string' && token.startsWith(PREFIX) ? token.slice(PREFIX.length) : ''
  return /^\d+$/.test(digits) ? Number(digits) : token
}
