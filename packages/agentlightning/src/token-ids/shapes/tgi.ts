// Text Generation Inference: `details` of `/generate`, with `best_of_sequences` when several were asked for, and
// `token` of each event of `/generate_stream`.
import { type JsonObject, listOf, objectOf } from '../json.ts'
import { type Finds, pluck, type Shape } from './shape.ts'

export const tgi: Shape = {
  name: 'details.tokens',
  title: 'TGI: details.prefill and details.tokens',
  gives: ['prompt', 'response', 'logprobs'],
  read({ object, choice, streamed }, finds) {
    const token = objectOf(object.token)
    if (streamed && token) readTokens([token], choice, 'token', finds)
    const details = objectOf(object.details)
    if (!details) return
    readDetails(details, choice, 'details', finds)
    for (const [at, sequence] of listOf(details.best_of_sequences).entries()) {
      const other = objectOf(sequence)
      if (other) readDetails(other, choice + at + 1, `details.best_of_sequences[${at}]`, finds)
    }
  },
}

function readDetails(details: JsonObject, choice: number, path: string, finds: Finds): void {
  const prefill = listOf(details.prefill)
  if (prefill.length > 0) finds.promptOf(choice, pluck(prefill, 'id'), `${path}.prefill`)
  readTokens(listOf(details.tokens), choice, `${path}.tokens`, finds)
}

function readTokens(tokens: readonly unknown[], choice: number, path: string, finds: Finds): void {
  if (tokens.length === 0) return
  finds.response(choice, pluck(tokens, 'id'), path)
  const logprobs = pluck(tokens, 'logprob')
  if (logprobs.some((value) => value !== undefined)) finds.logprobs(choice, logprobs, path)
}
