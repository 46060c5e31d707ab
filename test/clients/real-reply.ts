// What a real model server sent, read without anything of the product.
import type { Passed } from '../support/recording-proxy.ts'

/** A reply. */
export interface Reply {
  /** Empty for an error. */
  readonly id: string
  readonly status: number
  /** Text of the first message. */
  readonly asked: string
  readonly streamed: boolean
  /** Number of choices. */
  readonly choices: number
  /** Null where it has none. */
  readonly prompt: number[] | null
  /** By choice; empty where it has none. */
  readonly responses: readonly number[][]
  /** The ids come with log probabilities. */
  readonly lossy: boolean
  /** As many ids as tokens. */
  readonly whole: boolean
}

interface Choice {
  readonly index: number
  readonly token_ids?: number[] | null
  readonly logprobs?: { readonly content?: { readonly id?: number }[] | null } | null
  readonly prompt_token_ids?: number[] | null
}

interface Frame {
  readonly id?: string
  readonly prompt_token_ids?: number[] | null
  readonly choices?: Choice[]
  readonly usage?: { readonly completion_tokens?: number } | null
  readonly __verbose?: { readonly tokens?: number[] }
}

/** Reads an answer of vLLM or llama.cpp. */
export function replyIn({ asked, status, body }: Passed): Reply {
  const request = JSON.parse(asked) as { messages?: { content: string }[]; stream?: boolean }
  const frames = framesOf(body)
  const choices = frames.flatMap((frame) => frame.choices ?? [])
  const told = idsOf(choices, ({ token_ids: ids }) => ids ?? [])
  const verbose = frames.flatMap(({ __verbose: more }) => more?.tokens ?? [])
  const logged = idsOf(choices, ({ logprobs }) =>
    (logprobs?.content ?? []).flatMap(({ id }) => (id === undefined ? [] : [id])),
  )
  const exact = told.length > 0 ? told : verbose.length > 0 ? [verbose] : []
  const responses = exact.length > 0 ? exact : logged
  const counted = frames.find(({ usage }) => usage)?.usage?.completion_tokens
  const prompts = [...frames, ...choices].flatMap(({ prompt_token_ids: ids }) => (ids ? [ids] : []))
  return {
    id: (status === 200 && frames.find(({ id }) => id)?.id) || '',
    status,
    asked: request.messages?.[0]?.content ?? '',
    streamed: request.stream === true,
    choices: new Set(choices.map(({ index }) => index)).size,
    prompt: prompts[0] ?? null,
    responses,
    lossy: exact.length === 0 && logged.length > 0,
    whole: responses.flat().length === counted,
  }
}

function framesOf(body: string): Frame[] {
  if (!body.startsWith('data:')) return [JSON.parse(body) as Frame]
  return [...body.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json as string) as Frame)
}

function idsOf(choices: readonly Choice[], read: (choice: Choice) => number[]): number[][] {
  const found: number[][] = []
  for (const choice of choices) {
    const ids = read(choice)
    if (ids.length > 0) found[choice.index] = [...(found[choice.index] ?? []), ...ids]
  }
  return found
}
