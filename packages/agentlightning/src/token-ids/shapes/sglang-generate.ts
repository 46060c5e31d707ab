// SGLang's own `/generate`: `output_ids`, and `meta_info` with lists of [logprob, id, text]. A stream repeats the
// lists from their start, unless the server is told to send what is new.
import { countOf, listOf, objectOf } from '../json.ts'
import type { Shape } from './shape.ts'

export const sglangGenerate: Shape = {
  name: 'output_ids',
  title: 'SGLang /generate: output_ids and meta_info',
  gives: ['prompt', 'response', 'logprobs'],
  read({ object, choice, streamed }, finds) {
    const meta = objectOf(object.meta_info)
    if (!meta && object.output_ids === undefined) return
    const ids = object.output_ids
    const total = countOf(meta?.completion_tokens)
    const isDelta = streamed && Array.isArray(ids) && total !== undefined && ids.length < total
    if (isDelta) finds.response(choice, ids, 'output_ids')
    else finds.responseSoFar(choice, ids, 'output_ids')
    const output = listOf(meta?.output_token_logprobs)
    const path = 'meta_info.output_token_logprobs'
    if (isDelta && output.length < total) finds.logprobs(choice, column(output, 0), path)
    else finds.logprobsSoFar(choice, column(output, 0), path)
    if (ids === undefined && output.length > 0) finds.responseSoFar(choice, column(output, 1), path)
    const input = listOf(meta?.input_token_logprobs)
    if (input.length > 0) finds.promptOf(choice, column(input, 1), 'meta_info.input_token_logprobs')
  },
}

function column(rows: readonly unknown[], at: number): unknown[] {
  return rows.map((row) => listOf(row)[at])
}
