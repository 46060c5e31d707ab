// Token ids that were read out of payloads, packed, so that the next question about a call need not parse again.
import { type CallTokens, packIds, packLogprobs, unpackIds, unpackLogprobs } from '../../token-ids/index.ts'

const MOST_BYTES = 32 * 1024 * 1024

interface PackedChoice {
  readonly index: number
  readonly promptTokenIds: Uint8Array | undefined
  readonly responseTokenIds: Uint8Array | undefined
  readonly logprobs: Uint8Array | undefined
  readonly refusalLogprobs: Uint8Array | undefined
  readonly finishReason: string | undefined
}

interface Packed {
  readonly rest: Omit<CallTokens, 'promptTokenIds' | 'choices'>
  readonly promptTokenIds: Uint8Array | undefined
  readonly choices: readonly PackedChoice[]
  readonly bytes: number
}

/** Keeps the tokens asked for last, 32 MB of them. */
export class TokenCache {
  readonly #entries = new Map<string, Packed>()
  #bytes = 0

  /** The tokens of a key, read by `read` where they are not here. */
  of(key: string, read: () => CallTokens): CallTokens {
    const known = this.#entries.get(key)
    if (known) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return unpacked(known)
    }
    const tokens = read()
    const entry = packed(tokens)
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= MOST_BYTES) break
      this.#entries.delete(oldest)
      this.#bytes -= bytes
    }
    return tokens
  }
}

function packed({ promptTokenIds, choices, ...rest }: CallTokens): Packed {
  const prompt = promptTokenIds && packIds(promptTokenIds)
  const all = choices.map((choice) => ({
    index: choice.index,
    promptTokenIds: choice.promptTokenIds && packIds(choice.promptTokenIds),
    responseTokenIds: choice.responseTokenIds && packIds(choice.responseTokenIds),
    logprobs: choice.logprobs && packLogprobs(choice.logprobs),
    refusalLogprobs: choice.refusalLogprobs && packLogprobs(choice.refusalLogprobs),
    finishReason: choice.finishReason,
  }))
  const bytes = all.reduce(
    (sum, { promptTokenIds: own, responseTokenIds, logprobs }) =>
      sum + 200 + (own?.length ?? 0) + (responseTokenIds?.length ?? 0) + (logprobs?.length ?? 0),
    500 + (prompt?.length ?? 0),
  )
  return { rest, promptTokenIds: prompt, choices: all, bytes }
}

function unpacked({ rest, promptTokenIds, choices }: Packed): CallTokens {
  return {
    ...rest,
    ...(promptTokenIds ? { promptTokenIds: unpackIds(promptTokenIds) } : {}),
    choices: choices.map((choice) => ({
      index: choice.index,
      ...(choice.promptTokenIds ? { promptTokenIds: unpackIds(choice.promptTokenIds) } : {}),
      ...(choice.responseTokenIds ? { responseTokenIds: unpackIds(choice.responseTokenIds) } : {}),
      ...(choice.logprobs ? { logprobs: unpackLogprobs(choice.logprobs) } : {}),
      ...(choice.refusalLogprobs ? { refusalLogprobs: unpackLogprobs(choice.refusalLogprobs) } : {}),
      ...(choice.finishReason === undefined ? {} : { finishReason: choice.finishReason }),
    })),
  }
}
