// The model's reply in `returns` of a legacy `llms` event: an object (0.1.12, 0.2.6, 0.3.4), the text of one (0.3.14,
// and every streamed call), or the name of something that the client could not write.
import { extractParsed } from './extract.ts'
import type { CallTokens } from './types.ts'

/** The tokens in `returns`; none, and nothing to complain of, where it is empty. Never throws. */
export function tokensOfReturns(returns: unknown): CallTokens {
  if (returns === undefined || returns === null || returns === '') return nothing([])
  if (typeof returns === 'string' && !/^\s*[{[]/.test(returns))
    return nothing([
      `returns: the client kept ${JSON.stringify(returns.slice(0, 100))} in place of the reply`,
    ])
  return extractParsed(returns)
}

function nothing(problems: readonly string[]): CallTokens {
  return { choices: [], shapes: [], finished: true, problems }
}
