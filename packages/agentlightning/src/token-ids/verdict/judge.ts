// The verdict on a call: whether its token ids can be trained on, and if not, why.
import type { CallDialect, CallTokens } from '../types.ts'
import { askOf } from './backends.ts'
import {
  conflict,
  extraResponse,
  hasPrompt,
  isLossy,
  logprobsMismatch,
  missingResponse,
  promptMismatch,
  responseCount,
} from './checks.ts'
import { type Verdict, verdict } from './codes.ts'

/** What is known of a call; what is absent is unknown. */
export interface CallFacts {
  /** Where the tokens come from. */
  readonly source: 'gateway' | 'span' | 'legacy'
  /** What the reply, the span or the event says; absent when there is none. */
  readonly tokens?: CallTokens
  /** What another source says of the same call. */
  readonly other?: CallTokens
  readonly dialect?: CallDialect
  /** What serves the model, e.g. `vllm`. */
  readonly backend?: string
  readonly streamed?: boolean
  /** Number of choices asked for. */
  readonly n?: number
  /** Whether the request asked for token ids, by whichever field. */
  readonly flagSent?: boolean
  /** Fields that the server refused. */
  readonly refusedFlags?: readonly string[]
  /** HTTP status that the client got. */
  readonly status?: number
  /** How a gateway call ended; absent for a call without an end. */
  readonly outcome?: 'complete' | 'client_left' | 'upstream_failed' | 'upstream_cut' | 'timeout' | 'refused'
  /** The recorded reply is only its beginning. */
  readonly truncated?: boolean
  /** The span says that the call failed. */
  readonly failed?: boolean
  /** Attributes that the SDK dropped from the span. */
  readonly droppedAttributes?: number
  /** False when the call belongs to no rollout; absent where that does not matter. */
  readonly attributed?: boolean
}

/** Judges a call. The first thing that is wrong counts. */
export function judgeCall(facts: CallFacts): Verdict {
  const { tokens } = facts
  return (
    ofCall(facts) ??
    (tokens === undefined || !hasIds(tokens) ? withoutIds(facts) : undefined) ??
    (tokens && (partial(facts, tokens) ?? inconsistent(facts, tokens))) ??
    complete(facts)
  )
}

function hasIds(tokens: CallTokens): boolean {
  return (
    hasPrompt(tokens) || tokens.choices.some((choice) => choice.promptTokenIds ?? choice.responseTokenIds)
  )
}

/** What is wrong with the call itself. */
function ofCall(facts: CallFacts): Verdict | undefined {
  const { outcome, status, dialect } = facts
  if (facts.source === 'gateway' && outcome === undefined && status === undefined)
    return verdict('call.no_end')
  if (outcome === 'client_left') return verdict('call.cancelled')
  if (outcome === 'upstream_failed' || outcome === 'timeout' || outcome === 'refused')
    return verdict('call.failed', outcome.replace('_', ' '))
  if (status !== undefined && status >= 400) return verdict('call.failed', `status ${status}`)
  if (dialect === 'embeddings' || dialect === 'other') return verdict('ids.not_applicable')
  return undefined
}

/** Why there are no ids at all. */
function withoutIds(facts: CallFacts): Verdict {
  const { tokens, source } = facts
  const broken = tokens?.problems.find((problem) => /expected (integers|an integer)/.test(problem))
  if (broken !== undefined) return verdict('ids.unreadable', broken)
  if (facts.truncated) return verdict('ids.record_truncated')
  if (source === 'span' && tokens?.finished === false) return verdict('ids.unfinished')
  if (facts.failed) return verdict('call.failed')
  if (source === 'legacy') return verdict('ids.not_in_event', tokens?.problems[0])
  if (source === 'span') return lostAttributes(facts) ?? verdict('ids.not_on_span')
  return withoutIdsFromServer(facts)
}

function withoutIdsFromServer(facts: CallFacts): Verdict {
  const { backend, dialect, flagSent } = facts
  const streamed = facts.streamed === true
  const ask = askOf(backend, dialect, streamed)
  const todo = ask && sentence(ask.how ?? ask.instead)
  const refused = facts.refusedFlags ?? []
  if (refused.length > 0) return verdict('ids.flag_refused', refused.join(', '), todo)
  const plainOnly = ask !== undefined && ask.how === undefined && isStreamOfPlain(facts)
  if (ask && ask.how === undefined && !plainOnly) return verdict('ids.backend_cannot', backend, todo)
  // Where asking in a stream brings nothing, not having asked is not what is wrong.
  if (flagSent === false && !plainOnly) return verdict('ids.flag_not_sent', backend, todo)
  if (facts.outcome === 'upstream_cut' || facts.tokens?.finished === false) return verdict('ids.unfinished')
  if (streamed) return verdict('ids.stream_without_ids', backend, todo)
  if (ask?.how !== undefined && flagSent) return verdict('ids.stripped_by_proxy', backend)
  if (flagSent === undefined) return verdict('ids.flag_not_sent', backend, todo)
  return verdict('ids.none', backend)
}

/** A stream of a server that gives ids of plain replies: that there are none is the stream's fault. */
function isStreamOfPlain({ backend, dialect, streamed }: CallFacts): boolean {
  return streamed === true && askOf(backend, dialect, false)?.how !== undefined
}

/** What is missing where there are some ids. */
function partial(facts: CallFacts, tokens: CallTokens): Verdict | undefined {
  const different = facts.other && conflict(tokens, facts.other)
  if (different !== undefined) return verdict('ids.conflict', different)
  if (facts.truncated) return verdict('ids.record_truncated')
  if (!tokens.finished || facts.outcome === 'upstream_cut') return verdict('ids.unfinished')
  const without = tokens.choices.filter((choice) => choice.responseTokenIds === undefined)
  const broken = tokens.problems.find((problem) => /expected (integers|an integer)/.test(problem))
  if ((without.length > 0 || !hasPrompt(tokens)) && broken !== undefined)
    return verdict('ids.unreadable', broken)
  if (responseCount(tokens) === 0 && tokens.usage?.completionTokens !== 0)
    return lostAttributes(facts) ?? verdict('ids.no_response')
  const wanted = Math.max(tokens.choices.length, facts.n ?? 0)
  const have = tokens.choices.length - without.length
  if (have > 0 && have < wanted) return verdict('ids.choice_missing', `${have} of ${wanted} choices`)
  return undefined
}

/** What disagrees where every choice has ids. */
function inconsistent(facts: CallFacts, tokens: CallTokens): Verdict | undefined {
  const streamed = facts.source === 'gateway' && facts.streamed === true
  const fewer = missingResponse(tokens)
  if (fewer !== undefined) {
    if (streamed) return verdict('ids.stream_incomplete', fewer)
    return verdict(isLossy(tokens) ? 'ids.lossy' : 'ids.usage_mismatch', fewer)
  }
  const logprobs = logprobsMismatch(tokens)
  const lacksIds = (logprobs?.choice.logprobs?.length ?? 0) > (logprobs?.choice.responseTokenIds?.length ?? 0)
  if (streamed && lacksIds) return verdict('ids.stream_incomplete', logprobs?.detail)
  if (isLossy(tokens) && tokens.usage?.completionTokens === undefined)
    return verdict(
      streamed ? 'ids.stream_incomplete' : 'ids.lossy',
      'no token count to check the ids against',
    )
  if (!hasPrompt(tokens)) return withoutPrompt(facts, tokens, streamed)
  const counts = extraResponse(tokens) ?? promptMismatch(tokens)
  if (counts !== undefined) return verdict('ids.usage_mismatch', counts)
  if (logprobs) return verdict('ids.logprobs_mismatch', logprobs.detail)
  const differing = tokens.problems.find((problem) => problem.endsWith('give different ids'))
  return differing === undefined ? undefined : verdict('ids.conflict', differing)
}

/** A stream with `token_ids` and no prompt went through a proxy that drops the chunk with the prompt, and more. */
function withoutPrompt(facts: CallFacts, tokens: CallTokens, streamed: boolean): Verdict {
  if (streamed && facts.dialect !== 'generate' && tokens.shapes.includes('choices[].token_ids'))
    return verdict('ids.stream_incomplete', 'the ids of the prompt are not in it')
  return lostAttributes(facts) ?? verdict('ids.no_prompt', facts.backend)
}

function lostAttributes({ source, droppedAttributes }: CallFacts): Verdict | undefined {
  if (source !== 'span' || !droppedAttributes) return undefined
  return verdict('ids.attribute_cap', `${droppedAttributes} attributes dropped`)
}

function complete({ attributed, tokens }: CallFacts): Verdict {
  if (attributed === false) return verdict('call.not_attributed')
  const isChecked = tokens?.usage?.completionTokens !== undefined
  return verdict('ids.complete', isChecked ? undefined : 'the reply has no token count to check them against')
}

function sentence(text: string | undefined): string | undefined {
  return text && `${text[0]!.toUpperCase()}${text.slice(1)}.`
}
