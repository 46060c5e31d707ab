// Calls as JSON: of the read API, and the lines of an export.
import type { CallSummary } from '../../store/calls.ts'
import type { CallTokens, ChoiceTokens } from '../../token-ids/index.ts'
import type { CallDetail } from './call-detail.ts'

/** A call without what only the server needs. */
export function summaryJson({ startRecord, endRecord, ...call }: CallSummary): object {
  return call
}

/** Ids and logprobs as plain lists. */
export function tokensJson(tokens: CallTokens): { promptTokenIds: number[] | null; choices: object[] } {
  return {
    promptTokenIds: list(tokens.promptTokenIds),
    choices: tokens.choices.map((choice) => ({
      index: choice.index,
      ...(choice.promptTokenIds ? { promptTokenIds: list(choice.promptTokenIds) } : {}),
      responseTokenIds: list(choice.responseTokenIds),
      logprobs: list(choice.logprobs),
      ...(choice.refusalLogprobs ? { refusalLogprobs: list(choice.refusalLogprobs) } : {}),
      finishReason: choice.finishReason ?? null,
    })),
  }
}

/** One line of an export: the same members for every call. `more` comes last. */
export function exportJson({ summary, tokens, verdict }: CallDetail, more: object): object {
  const { choices, promptTokenIds } = tokens
  return {
    id: summary.id,
    response_id: summary.responseId ?? tokens.responseId ?? null,
    trace_id: summary.traceId,
    span_id: summary.spanId,
    run_id: summary.run ?? null,
    rollout_id: summary.rollout ?? null,
    attempt_id: summary.attempt ?? null,
    time_ns: summary.startNs,
    model: summary.model ?? tokens.model ?? null,
    prompt_token_ids: list(promptTokenIds),
    choices: choices.map((choice) => exportChoice(choice, promptTokenIds !== undefined)),
    usage: usageJson(summary, tokens),
    verdict: verdict.code,
    ...more,
  }
}

/** A choice has a prompt of its own only where a request has several prompts. */
function exportChoice(choice: ChoiceTokens, promptIsShared: boolean): object {
  return {
    index: choice.index,
    ...(promptIsShared || !choice.promptTokenIds ? {} : { prompt_token_ids: list(choice.promptTokenIds) }),
    response_token_ids: list(choice.responseTokenIds),
    logprobs: list(choice.logprobs),
    finish_reason: choice.finishReason ?? null,
  }
}

function usageJson({ usage }: CallSummary, tokens: CallTokens): object | null {
  const input = usage?.input ?? tokens.usage?.promptTokens
  const output = usage?.output ?? tokens.usage?.completionTokens
  const total = usage?.total ?? tokens.usage?.totalTokens
  if (input === undefined && output === undefined && total === undefined) return null
  return { prompt_tokens: input ?? null, completion_tokens: output ?? null, total_tokens: total ?? null }
}

/** A logprob that is no number becomes null, as JSON has it. */
function list(values: Uint32Array | Float64Array | undefined): number[] | null {
  return values ? Array.from(values) : null
}
