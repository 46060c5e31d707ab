// The words that the byte level of the gateway shares: servers, requests as far as they are read, rules of cutting.

import type { CallDialect } from '../../token-ids/types.ts'

/**
 * What serves a model. `openai` stands for every server without token ids (OpenAI, Azure, Gemini, transformers
 * serve, Ollama); `unknown` for one that nobody named yet.
 */
export type Backend = 'vllm' | 'sglang' | 'litellm' | 'llama.cpp' | 'tgi' | 'openai' | 'unknown'

/** What the gateway reads of a request body. A member of an unexpected type reads as absent, but `has` knows it. */
export interface RequestMembers {
  readonly kind: 'object'
  readonly model?: string
  readonly stream?: boolean
  readonly n?: number
  readonly bestOf?: number
  readonly echo?: boolean
  /** A boolean in chat, a number in completions. */
  readonly logprobs?: boolean | number
  readonly topLogprobs?: number
  readonly returnTokenIds?: boolean
  /** `stream_options.include_usage`. */
  readonly includeUsage?: boolean
  /** True when `tools` is a list with elements. */
  readonly tools: boolean
  /** True when the client itself wrote this member; `parameters.details` asks inside `parameters` (TGI). */
  has(name: string): boolean
  /** True when the client wrote the member with the value true. */
  isTrue(name: string): boolean
}

/** Why a body is no request of a model API: the offset of the first byte that does not fit. */
export interface RequestProblem {
  readonly kind: 'notJson' | 'notObject'
  readonly offset: number
  /** One line for the client's error message. */
  readonly message: string
}

/** A member to write into a request. */
export interface InsertedMember {
  readonly name: string
  /** Its value as JSON text. */
  readonly json: string
  /** Name of the top-level object to write it into; absent: the top level itself. */
  readonly within?: string
}

/** What to add to a request so that the reply carries token ids. */
export interface Question {
  readonly members: readonly InsertedMember[]
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Names of both, as `CallIdentity.added` keeps them. */
  readonly names: readonly string[]
}

/** The step of a path that stands for each element of an array. */
export const EACH = '[]'

/** One place in a reply that holds what only the gateway asked for. */
export interface CutRule {
  /** Member names from the root; `EACH` for the elements of an array. */
  readonly path: readonly string[]
  /** The type of the value to cut; null stays as it is, any other type makes the reply pass unchanged. */
  readonly expect: 'array' | 'object'
  /**
   * What the server sends when not asked: no such member (`remove`; `prune` removes its parent, too, when nothing
   * else is in it), the member with null, or with an empty list.
   */
  readonly unasked: 'remove' | 'prune' | 'null' | 'emptyArray'
}

/** What must hold at a place for a whole event to be ours; at every occurrence, and at least once. */
export interface EventCondition {
  readonly path: readonly string[]
  /** `cut`: a rule cut here. */
  readonly is: 'null' | 'emptyObject' | 'emptyArray' | 'cut'
  /** True: absence will do. */
  readonly optional?: true
}

/** What to cut from the replies to one kind of request. */
export interface CutRules {
  readonly rules: readonly CutRule[]
  /** Streams: an event for which all of these hold would not have been sent unasked. */
  readonly dropWhen?: readonly EventCondition[]
  /** Streams: events of this name would not have been sent unasked. */
  readonly dropEvent?: string
  /** Rules to take instead for a reply that contains these bytes; the first that fits counts. */
  readonly marked?: readonly { readonly mark: string; readonly rules: CutRules }[]
}

/** Which reply is about to be cut. */
export interface CutContext {
  /** True for an event stream, whatever the request asked for. */
  readonly streamed: boolean
  /** `Question.names`, less what the upstream refused. */
  readonly added: readonly string[]
  /** The client's request, where it asked for a part of the same itself. */
  readonly request?: RequestMembers
}

/** What a gateway may ask for beyond ids, and what the client's headers already ask for. */
export interface AskOptions {
  /** Ask for log probabilities, too. Off unless configured: some proxies change other parts of a reply with it. */
  readonly logprobs?: boolean
  /** The value of a header of the client's request, by its name in lower case. */
  readonly clientHeader?: (name: string) => string | undefined
}

/** The rules of one server; one file each under `rules/`. */
export type RulesOf = (dialect: CallDialect, context: CutContext) => CutRules | undefined
/** What to add to a request for one server, or `undefined` for nothing. */
export type AskOf = (dialect: CallDialect, request: RequestMembers, options: AskOptions) => Ask | undefined

/** A question without its names. */
export interface Ask {
  readonly members?: readonly InsertedMember[]
  readonly headers?: readonly (readonly [name: string, value: string])[]
}
