// Whether the ids of a reply agree with the other things that it says.
import { sameIds } from '../id-list.ts'
import { shapes } from '../shapes/index.ts'
import type { CallTokens, ChoiceTokens } from '../types.ts'

const givesResponse = new Map(
  shapes.filter((shape) => shape.gives.includes('response')).map((shape) => [shape.name, shape]),
)

/** A disagreement, as the end of a sentence: `4 response ids, 5 counted by the server`. */
export type Mismatch = string

/** How many response ids there are, over all choices. */
export function responseCount(tokens: CallTokens): number {
  return tokens.choices.reduce((sum, choice) => sum + (choice.responseTokenIds?.length ?? 0), 0)
}

/** Whether a prompt is there for every choice that has ids, or at all. */
export function hasPrompt(tokens: CallTokens): boolean {
  if (tokens.promptTokenIds !== undefined) return true
  const answered = tokens.choices.filter((choice) => choice.responseTokenIds !== undefined)
  return answered.length > 0 && answered.every((choice) => choice.promptTokenIds !== undefined)
}

/** Whether the ids were read out of something that may leave some out. */
export function isLossy(tokens: CallTokens): boolean {
  const found = tokens.shapes.map((name) => givesResponse.get(name)).filter((shape) => shape !== undefined)
  return found.length > 0 && found.every((shape) => shape.lossy)
}

/** Fewer response ids than the server counted; `undefined` when there are enough, or no count. */
export function missingResponse(tokens: CallTokens): Mismatch | undefined {
  const counted = tokens.usage?.completionTokens
  const have = responseCount(tokens)
  if (counted === undefined || have >= counted) return undefined
  return `${have} response ids, ${counted} counted by the server`
}

/**
 * More response ids than the server counted. llama.cpp counts its first choice only, which is no disagreement.
 */
export function extraResponse(tokens: CallTokens): Mismatch | undefined {
  const counted = tokens.usage?.completionTokens
  const have = responseCount(tokens)
  if (counted === undefined || have <= counted) return undefined
  if (tokens.choices[0]?.responseTokenIds?.length === counted) return undefined
  return `${have} response ids, ${counted} counted by the server`
}

/**
 * A number of prompt ids that is not the server's. Of several prompts in one request the server counts each once,
 * however many choices it has, and also the same prompt given twice.
 */
export function promptMismatch(tokens: CallTokens): Mismatch | undefined {
  const counted = tokens.usage?.promptTokens
  if (counted === undefined || counted === 0) return undefined
  const shared = tokens.promptTokenIds?.length
  if (shared !== undefined) {
    const times = counted / shared
    const isRepeated = Number.isInteger(times) && tokens.choices.length % times === 0
    return times === 1 || isRepeated ? undefined : `${shared} prompt ids, ${counted} counted by the server`
  }
  const own = tokens.choices.reduce((sum, choice) => sum + (choice.promptTokenIds?.length ?? 0), 0)
  return own % counted === 0
    ? undefined
    : `${own} prompt ids of all choices, ${counted} counted by the server`
}

/** A choice whose logprobs are not as many as its ids. */
export function logprobsMismatch(
  tokens: CallTokens,
): { readonly choice: ChoiceTokens; readonly detail: Mismatch } | undefined {
  for (const choice of tokens.choices) {
    const [ids, logprobs] = [choice.responseTokenIds?.length, choice.logprobs?.length]
    if (ids === undefined || logprobs === undefined || ids === logprobs) continue
    const refused = choice.refusalLogprobs?.length ?? 0
    if (ids === logprobs + refused) continue
    return { choice, detail: `choice ${choice.index}: ${ids} ids, ${logprobs} logprobs` }
  }
  return undefined
}

/** Where two sources give different ids for the same thing. */
export function conflict(one: CallTokens, other: CallTokens): Mismatch | undefined {
  const [first, second] = [one.promptTokenIds, other.promptTokenIds]
  if (first && second && !sameIds(first, second))
    return `the prompts differ (${first.length} and ${second.length} ids)`
  for (const choice of one.choices) {
    const ids = choice.responseTokenIds
    const others = other.choices.find((each) => each.index === choice.index)?.responseTokenIds
    if (ids && others && !sameIds(ids, others))
      return `choice ${choice.index} differs (${ids.length} and ${others.length} ids)`
  }
  return undefined
}
