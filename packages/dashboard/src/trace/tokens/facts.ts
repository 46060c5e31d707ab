// What the tab says in words, from the numbers.
import type { Ids, SpanTokens } from './tokens-api.ts'

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`

/** `prompt 1,204 ids`, `response 88 ids`, `2 choices`, `logprobs yes`. */
export function idFacts({ promptTokenIds, choices }: Ids): string[] {
  const own = choices.reduce((sum, choice) => sum + (choice.promptTokenIds?.length ?? 0), 0)
  const prompt = promptTokenIds?.length ?? own
  const response = choices.reduce((sum, choice) => sum + (choice.responseTokenIds?.length ?? 0), 0)
  const scored = choices.filter(({ logprobs }) => logprobs !== null).length
  return [
    prompt > 0 ? `prompt ${count(prompt, 'id')}` : 'prompt without ids',
    response > 0 ? `response ${count(response, 'id')}` : 'response without ids',
    ...(choices.length > 1 ? [count(choices.length, 'choice')] : []),
    scored === 0 ? 'no logprobs' : scored === choices.length ? 'logprobs' : `logprobs of ${scored}`,
  ]
}

/** Whether the prompt goes on where the earlier call ended; `undefined` where there is none to compare with. */
export function continuationText(previous: SpanTokens['previous']): string | undefined {
  if (!previous) return undefined
  const { continues, shared, promptLength } = previous
  if (continues) return 'continues the earlier call: its prompt and response stand unchanged at the beginning'
  const where = shared < promptLength ? 'in its prompt' : 'in its response'
  return `stops being the earlier call at id ${shared.toLocaleString('en')}, ${where}`
}

/** What most often leads to a difference at such a place. */
export function likelyCause({ shared, promptLength }: NonNullable<SpanTokens['previous']>): string {
  if (shared === 0) return 'Nothing is in common: this is another conversation, or its system prompt changed.'
  if (shared < promptLength)
    return 'An earlier message was changed, cut or left out, or the prompt template writes it otherwise.'
  return 'The response came back as text and was tokenized anew, or it was edited before it was sent again.'
}

/** Title of a token: its place, and how likely the model found it. */
export function tokenTitle(id: number, place: number, logprob: number | null | undefined): string {
  const where = `id ${id} · place ${place.toLocaleString('en')}`
  return logprob == null
    ? where
    : `${where} · p ${Math.exp(logprob).toPrecision(3)} · logprob ${logprob.toFixed(4)}`
}

/** 0 for what was certain, 1 for what was as good as impossible. */
export function surprise(logprob: number | null | undefined): number {
  return logprob == null ? 0 : Math.min(1, Math.max(0, -logprob / 8))
}
