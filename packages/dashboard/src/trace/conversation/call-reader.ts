// Reads the messages of a trace's calls in the order of time: many calls with one question, so much at first, more when
// asked for. Every call repeats its history, so that the whole may be a hundred times what there is to read: only what no
// call said before is kept.
import type { Conversation } from '../../../../agentlightning/src/trace/messages/types.ts'
import type { TreeSpan } from '../../api.ts'
import { type CallMessages, messageReader } from './atoms.ts'
import type { CallSpan } from './calls.ts'

const MB = 1024 * 1024
/** Requests under way at one time: while the answer to one is read here, the server reads for the other. */
const AT_ONCE = 2
/** What one request asks about, bytes being those of the spans. The first is small: there is soon something to see. */
const FIRST_REQUEST = { calls: 10, bytes: MB }
const REQUEST = { calls: 250, bytes: 8 * MB }
/** Bytes of spans that are read before one asks for more, and with each asking. */
const PORTION = 24 * MB

/** The messages of a call, or why there are none. */
export type Read = { readonly messages: CallMessages } | { readonly error: unknown }

/** How far reading has come. */
export interface Progress {
  /** By the version of the span; only calls of which all earlier ones are read too. */
  readonly read: ReadonlyMap<string, Read>
  /** Calls, in the order of time, that are not in `read`. */
  readonly left: number
  /** True where reading waits to be asked for more. */
  readonly waits: boolean
  /** Bytes of spans that are left. */
  readonly bytesLeft: number
}

/** What one span was sent and answered, or why that is not known. */
export type SpanMessages = Pick<Conversation, 'input' | 'output'> | { readonly error: unknown }

/** Reads the messages of some of the spans, of one at least; the others are asked for again. By span id. */
export type AskSpans = (
  spanIds: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, SpanMessages>>

/** One trace being read. */
export interface CallReader {
  /** Takes the calls as they are now. What was read of a span that did not change stays. */
  readonly look: (calls: readonly CallSpan[]) => void
  readonly more: () => void
  /** Reads again what could not be read. */
  readonly retry: () => void
  readonly progress: () => Progress
  /** Tells of every change until the answer is called; reading rests while no one listens. */
  readonly listen: (changed: () => void) => () => void
}

/** Reading of one trace; nothing is asked for before someone listens. */
export function callReader(ask: AskSpans): CallReader {
  const keep = messageReader()
  const known = new Map<string, Read>()
  /** Calls whose own span does not say all: the spans around them are asked for, too. */
  const partly = new Map<string, Partly>()
  const underWay = new Set<string>()
  const listeners = new Set<() => void>()
  let requests = 0
  let wanted: readonly Wanted[] = []
  /** All before this one are read or under way. */
  let next = 0
  let allowed = PORTION
  let stop = new AbortController()
  let now: Progress | undefined

  const changed = () => {
    now = undefined
    for (const listener of listeners) listener()
  }
  const take = ({ call, key, spanId }: Asked, said: SpanMessages) => {
    const before = partly.get(key)
    partly.delete(key)
    if ('error' in said) {
      known.set(key, said)
      return
    }
    const sum: Partly = {
      input: before && before.input.length > 0 ? before.input : said.input,
      output: before && before.output.length > 0 ? before.output : said.output,
      asked: [...(before?.asked ?? []), spanId],
    }
    const isWhole = sum.input.length > 0 && sum.output.length > 0
    if (isWhole || !spanToAsk(call, sum)) known.set(key, { messages: keep(sum) })
    else partly.set(key, sum)
  }
  const read = async (asked: readonly Asked[]): Promise<void> => {
    const { signal } = stop
    requests++
    for (const { key } of asked) underWay.add(key)
    try {
      const answer = await ask(
        asked.map(({ spanId }) => spanId),
        signal,
      )
      if (answer.size === 0) throw new Error('The server answered about none of the spans.')
      for (const one of asked) {
        const said = answer.get(one.spanId)
        if (said) take(one, said)
      }
    } catch (error) {
      if (!signal.aborted) for (const { key } of asked) known.set(key, { error })
    }
    if (signal.aborted) return
    requests--
    for (const { key } of asked) underWay.delete(key)
    goFromStart()
  }
  const nextToAsk = (): Asked[] => {
    const most = known.size + partly.size + underWay.size === 0 ? FIRST_REQUEST : REQUEST
    const asked: Asked[] = []
    let bytes = 0
    for (; next < wanted.length && asked.length < most.calls; next++) {
      const { call, key, before } = wanted[next] as Wanted
      if (before >= allowed) break
      if (known.has(key) || underWay.has(key)) continue
      // A span around the call may be gone since the call itself was asked for.
      const { spanId, payloadBytes } = spanToAsk(call, partly.get(key)) ?? call.span
      bytes += payloadBytes
      if (asked.length > 0 && bytes > most.bytes) break
      asked.push({ call, key, spanId })
    }
    return asked
  }
  const go = () => {
    while (listeners.size > 0 && requests < AT_ONCE) {
      const asked = nextToAsk()
      if (asked.length === 0) return
      void read(asked)
    }
  }
  const goFromStart = () => {
    next = 0
    changed()
    go()
  }
  return {
    look(calls) {
      let before = 0
      wanted = calls.map((call) => {
        const { span } = call
        const one = { call, key: versionOf(span), before }
        before += span.payloadBytes
        return one
      })
      goFromStart()
    },
    more() {
      allowed += PORTION
      goFromStart()
    },
    retry() {
      for (const [key, read] of known) if ('error' in read) known.delete(key)
      goFromStart()
    },
    progress() {
      now ??= progressOf(wanted, known, allowed)
      return now
    },
    listen(listener) {
      listeners.add(listener)
      go()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        stop.abort()
        stop = new AbortController()
        underWay.clear()
        requests = 0
        next = 0
      }
    },
  }
}

interface Wanted {
  readonly call: CallSpan
  readonly key: string
  /** Bytes of the calls before it. */
  readonly before: number
}

/** A call, and which of its spans is asked for. */
interface Asked {
  readonly call: CallSpan
  readonly key: string
  readonly spanId: string
}

/** What some spans of a call say, and which those are. */
interface Partly extends Pick<Conversation, 'input' | 'output'> {
  readonly asked: readonly string[]
}

/** Names a span as it is now: another copy may come in the place of the one that was read. */
export function versionOf({ spanId, endNs, attributeCount }: TreeSpan): string {
  return `${spanId} ${endNs} ${attributeCount}`
}

/** The innermost span of a call that was not asked for yet. */
function spanToAsk({ span, wrappers }: CallSpan, so: Partly | undefined): TreeSpan | undefined {
  return [span, ...wrappers].find(({ spanId }) => !so?.asked.includes(spanId))
}

function progressOf(wanted: readonly Wanted[], known: ReadonlyMap<string, Read>, allowed: number): Progress {
  const read = new Map<string, Read>()
  for (const { key } of wanted) {
    const one = known.get(key)
    if (!one) break
    read.set(key, one)
  }
  const [first, last] = [wanted[read.size], wanted.at(-1)]
  return {
    read,
    left: wanted.length - read.size,
    waits: first !== undefined && first.before >= allowed,
    bytesLeft: first && last ? last.before + last.call.span.payloadBytes - first.before : 0,
  }
}
