// Token counts of a reply, under one meaning: the prompt includes cached tokens.
import { countOf, type JsonObject, known, objectOf } from './json.ts'
import type { ReportedUsage } from './types.ts'

/** The counts that a reply or a frame of one gives, in the form of whichever API. */
export function usageOf(object: JsonObject): ReportedUsage | undefined {
  const usage = objectOf(object.usage)
  const counts = (usage && fromUsage(usage)) ?? fromNative(object)
  return counts && Object.keys(counts).length > 0 ? counts : undefined
}

/** `usage` of chat and completions (`prompt_tokens`), of Responses and of Messages (`input_tokens`). */
function fromUsage(usage: JsonObject): ReportedUsage {
  const prompt = objectOf(usage.prompt_tokens_details) ?? objectOf(usage.input_tokens_details)
  const completion = objectOf(usage.completion_tokens_details) ?? objectOf(usage.output_tokens_details)
  const cacheRead = countOf(usage.cache_read_input_tokens)
  const input = countOf(usage.input_tokens)
  // Only Anthropic's API leaves cached tokens out of its count, and only it names them beside the count.
  const withCache =
    input === undefined
      ? undefined
      : input + (cacheRead ?? 0) + (countOf(usage.cache_creation_input_tokens) ?? 0)
  return known<ReportedUsage>({
    promptTokens: countOf(usage.prompt_tokens) ?? withCache,
    completionTokens: countOf(usage.completion_tokens) ?? countOf(usage.output_tokens),
    totalTokens: countOf(usage.total_tokens),
    cachedTokens: countOf(prompt?.cached_tokens) ?? cacheRead,
    reasoningTokens: countOf(completion?.reasoning_tokens) ?? countOf(usage.reasoning_tokens),
  })
}

/** SGLang `/generate`, llama.cpp `/completion`, TGI `/generate`, Ollama. */
function fromNative(object: JsonObject): ReportedUsage {
  const meta = objectOf(object.meta_info)
  const details = objectOf(object.details)
  return known<ReportedUsage>({
    promptTokens:
      countOf(meta?.prompt_tokens) ??
      countOf(object.tokens_evaluated) ??
      countOf(details?.input_length) ??
      countOf(object.prompt_eval_count),
    completionTokens:
      countOf(meta?.completion_tokens) ??
      countOf(object.tokens_predicted) ??
      countOf(details?.generated_tokens) ??
      countOf(object.eval_count),
    totalTokens: undefined,
    cachedTokens: countOf(meta?.cached_tokens),
    reasoningTokens: countOf(meta?.reasoning_tokens),
  })
}

/**
 * Counts of a reply that is a list (several samples of SGLang or llama.cpp): those of the response add up; the
 * prompt is counted once, and is unknown where the samples have different ones.
 */
export function addUsage(before: ReportedUsage | undefined, object: JsonObject): ReportedUsage | undefined {
  const more = usageOf(object)
  if (!before || !more) return undefined
  const sum = (one: number | undefined, other: number | undefined): number | undefined =>
    one === undefined || other === undefined ? undefined : one + other
  return known<ReportedUsage>({
    promptTokens: before.promptTokens === more.promptTokens ? before.promptTokens : undefined,
    completionTokens: sum(before.completionTokens, more.completionTokens),
    totalTokens: undefined,
    cachedTokens: undefined,
    reasoningTokens: sum(before.reasoningTokens, more.reasoningTokens),
  })
}
