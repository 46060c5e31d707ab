// Reads the messages of a trace's calls in the order of time: a few at once, so much at first, more when asked for.
// Every call repeats its history, so that the whole may be a hundred times what there is to read: only what no call
// said before is kept.
import type { Conversation } from '../../../../agentlightning/src/trace/messages/types.ts'
import type { TreeSpan } from '../../api.ts'
import { type CallMessages, messageReader } from './atoms.ts'
import type { CallSpan } from './calls.ts'

/** Requests under way at one time. */
const AT_ONCE = 4
/** Bytes of spans that are read before one asks for more, and with each asking. */
const PORTION = 24 * 1024 * 1024

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

/** Reads the messages of one span. */
export type ReadSpan = (spanId: string, signal: AbortSignal) => Promise<Conversation>

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
export function callReader(ask: ReadSpan): CallReader {
  const keep = messageReader()
  const known = new Map<string, Read>()
  const underWay = new Set<string>()
  const listeners = new Set<() => void>()
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
  const readOne = async ({ call, key }: Wanted): Promise<void> => {
    const { signal } = stop
    underWay.add(key)
    try {
      const messages = await readCall(call, ask, signal)
      known.set(key, { messages: keep(messages) })
    } catch (error) {
      if (!signal.aborted) known.set(key, { error })
    }
    if (signal.aborted) return
    underWay.delete(key)
    changed()
    go()
  }
  const go = () => {
    if (listeners.size === 0) return
    for (; next < wanted.length; next++) {
      const one = wanted[next] as Wanted
      if (underWay.size >= AT_ONCE || one.before >= allowed) return
      if (!known.has(one.key) && !underWay.has(one.key)) void readOne(one)
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

/** Names a span as it is now: another copy may come in the place of the one that was read. */
export function versionOf({ spanId, endNs, attributeCount }: TreeSpan): string {
  return `${spanId} ${endNs} ${attributeCount}`
}

async function readCall(
  { span, wrappers }: CallSpan,
  ask: ReadSpan,
  signal: AbortSignal,
): Promise<Conversation> {
  const own = await ask(span.spanId, signal)
  let [input, output] = [own.input, own.output]
  for (const { spanId } of wrappers) {
    if (input.length > 0 && output.length > 0) break
    const outer = await ask(spanId, signal)
    if (input.length === 0) input = outer.input
    if (output.length === 0) output = outer.output
  }
  return { ...own, input, output }
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
