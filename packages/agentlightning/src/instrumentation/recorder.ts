// Where the ids of a call go: on the span that an instrumentation has for it, on one of our own where none has, or
// into the memory from which the AgentOps SDK takes them when it makes its span after the call.

import type { CallTokens, ChoiceTokens } from '../token-ids/types.ts'
import { partialAttributes, tokenAttributes } from './attributes.ts'
import type { ReadReply } from './reply.ts'
import type { ModelRequest } from './request.ts'
import { isLlmSpan } from './spans/llm-span.ts'
import { type Attributes, activeSpan, type OtelSpan, withSpan } from './spans/otel.ts'
import { describeReply, endBadly, endWell, startOwnSpan } from './spans/own-span.ts'
import { raiseLimit, setOnSpan } from './spans/write.ts'

/** Takes what becomes known of one call. */
export interface CallRecorder {
  /** For the debug line. */
  readonly way: string
  /** Whether the messages of the reply are wanted. */
  readonly messages: boolean
  /** The span of the call, where there is one before the call. */
  readonly span?: OtelSpan
  /** Sends the request where the recorder's span is the active one. */
  run<T>(work: () => T): T
  first(tokens: CallTokens): void
  reply(reply: ReadReply): void
  /** No reply to read: the call failed, or the server refused it. */
  fail(error: unknown): void
}

/** What the recorders share. */
export interface RecorderContext {
  readonly content: boolean
  /** Calls whose span the AgentOps SDK makes later; undefined where it is not there. */
  readonly remembered: Remembered | undefined
}

/** Attributes by response id: the newest thousand. */
export class Remembered {
  readonly #byResponse = new Map<string, Attributes>()

  keep(responseId: string, attributes: Attributes): void {
    this.#byResponse.set(responseId, attributes)
    if (this.#byResponse.size <= 1000) return
    const [oldest] = this.#byResponse.keys()
    if (oldest !== undefined) this.#byResponse.delete(oldest)
  }

  /** Gives them once. */
  take(responseId: string): Attributes | undefined {
    const found = this.#byResponse.get(responseId)
    this.#byResponse.delete(responseId)
    return found
  }
}

/** Spans that hold the ids of a call already: a second call below one gets a span of its own. */
const taken = new WeakSet<OtelSpan>()

/** The recorder for a call that is made here; undefined where nothing could be recorded. */
export function recorderFor(
  request: ModelRequest,
  context: RecorderContext,
  soFar: () => ReadReply | undefined,
): CallRecorder | undefined {
  const span = activeSpan()
  if (span?.isRecording() && isLlmSpan(span) && !taken.has(span))
    return attached(span, request, context, soFar)
  if (context.remembered && request.userAgent.startsWith('Agents/JavaScript'))
    return remembering(context.remembered, request)
  const own = startOwnSpan(request)
  return own && onOwnSpan(own, request, context)
}

/** On the span of an instrumentation, whose members stay its own. */
function attached(
  span: OtelSpan,
  request: ModelRequest,
  context: RecorderContext,
  soFar: () => ReadReply | undefined,
): CallRecorder {
  const startTime = Date.now()
  let ended = false
  raiseLimit(span)
  const release = beforeEnd(span, () => {
    ended = true
    const reply = soFar()
    if (reply) setOnSpan(span, attributesOf(reply, request))
  })
  return {
    way: 'the span that an instrumentation made',
    span,
    messages: false,
    run: (work) => work(),
    first: (tokens) => setOnSpan(span, beginningOf(tokens)),
    reply(reply) {
      release()
      const attributes = attributesOf(reply, request)
      if ('response_token_ids' in attributes || 'gen_ai.response.id' in attributes) taken.add(span)
      if (span.isRecording()) return setOnSpan(span, attributes)
      // A stream that nobody read on: what came of it was written when the span ended.
      if (ended && !reply.whole) return
      // The instrumentation ended its span before the stream did: what it lacks goes below it.
      const late = withSpan(span, () => startOwnSpan(request, startTime))
      if (late) onOwnSpan(late, request, context).reply(reply)
    },
    fail: release,
  }
}

function remembering(memory: Remembered, request: ModelRequest): CallRecorder {
  return {
    way: "the AgentOps SDK's span, which is made after the call",
    messages: false,
    run: (work) => work(),
    first() {},
    reply(reply) {
      const { responseId } = reply.tokens
      if (responseId !== undefined) memory.keep(responseId, attributesOf(reply, request))
    },
    fail() {},
  }
}

function onOwnSpan(span: OtelSpan, request: ModelRequest, { content }: RecorderContext): CallRecorder {
  raiseLimit(span)
  return {
    way: 'a span of its own',
    span,
    messages: content,
    run: (work) => withSpan(span, work),
    first: (tokens) => setOnSpan(span, beginningOf(tokens)),
    reply(reply) {
      setOnSpan(span, attributesOf(reply, request))
      describeReply(span, request, reply.tokens, reply.messages)
      endWell(span)
    },
    fail: (error) => endBadly(span, error),
  }
}

/** The response id and the prompt: with the first chunk nothing more is sure. */
function beginningOf(tokens: CallTokens): Attributes {
  return tokenAttributes({ ...tokens, choices: tokens.choices.slice(0, 1).map(withoutResponse) })
}

function withoutResponse({ responseTokenIds: _, ...choice }: ChoiceTokens): ChoiceTokens {
  return choice
}

function attributesOf(reply: ReadReply, request: ModelRequest): Attributes {
  const { tokens, logprobs, whole, idsLast } = reply
  return whole || haveEnded(reply, request)
    ? tokenAttributes(tokens, logprobs)
    : partialAttributes(tokens, idsLast, logprobs)
}

/** Whether no ids come any more, although there is more of the reply. */
function haveEnded({ tokens: { choices }, idsLast }: ReadReply, { body }: ModelRequest): boolean {
  const asked = typeof body.n === 'number' ? body.n : 1
  return (
    choices.length >= asked &&
    choices.every(({ finishReason, responseTokenIds }) => finishReason && (responseTokenIds || !idsLast))
  )
}

/** Does `work` when the span is ended, right before; the function that is returned takes that back. */
function beforeEnd(span: OtelSpan, work: () => void): () => void {
  const own = Object.getOwnPropertyDescriptor(span, 'end')
  const end = span.end
  const release = (): void => {
    if (span.end !== ending) return
    if (own) Object.defineProperty(span, 'end', own)
    else Reflect.deleteProperty(span, 'end')
  }
  function ending(this: OtelSpan, ...time: []): void {
    release()
    try {
      work()
    } catch {
      // The span ends all the same.
    }
    end.apply(this, time)
  }
  Object.defineProperty(span, 'end', { value: ending, configurable: true, writable: true, enumerable: false })
  return release
}
