// The thread of a trace, as far as its calls are read.
import { useEffect, useMemo, useRef, useState } from 'react'
import { ApiError } from '../../api.ts'
import type { TreeRow } from '../tree.ts'
import { askMessages } from './ask-messages.ts'
import { type CallReader, callReader, type Progress, versionOf } from './call-reader.ts'
import { castOf } from './calls.ts'
import { lanesOf } from './thread.ts'
import type { Call, Lane } from './thread-types.ts'
import { withToolUses } from './tool-uses.ts'

/** The least time between two drawings of a thread that is being read, and how often its own time that is. */
const REST_MS = 100
const REST_SHARE = 4

/** A conversation as far as it is known. */
export interface LoadedConversation {
  readonly lanes: readonly Lane[]
  /** Model calls in the trace. */
  readonly calls: number
  /** Calls that carry no messages. */
  readonly silent: number
  /** Calls whose messages could not be read, and why the first could not. */
  readonly unread: { readonly count: number; readonly reason: string } | undefined
  readonly progress: Progress
  readonly more: () => void
  readonly retry: () => void
}

/** The trace that was looked at last: its conversation is there at once when one comes back to it. */
let last: { readonly trace: string; readonly reader: CallReader } | undefined

function readerOf(trace: string): CallReader {
  if (last?.trace !== trace) last = { trace, reader: callReader(askMessages(trace)) }
  return last.reader
}

/** The conversation of a trace. Messages are asked for while this is on the page. */
export function useConversation(trace: string, rows: readonly TreeRow[]): LoadedConversation {
  const reader = useMemo(() => readerOf(trace), [trace])
  const cast = useMemo(() => castOf(rows), [rows])
  const [progress, setProgress] = useState(() => reader.progress())
  const cost = useRef(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const show = () => {
      timer = undefined
      setProgress(reader.progress())
    }
    const leave = reader.listen(() => {
      timer ??= setTimeout(show, Math.max(REST_MS, REST_SHARE * cost.current))
    })
    return () => {
      clearTimeout(timer)
      leave()
    }
  }, [reader])
  useEffect(() => reader.look(cast.calls), [reader, cast])

  return useMemo(() => {
    const begun = performance.now()
    const calls: Call[] = []
    const problems: unknown[] = []
    let silent = 0
    cast.calls.forEach((call, at) => {
      const read = progress.read.get(versionOf(call.span))
      if (!read) return
      const messages = 'messages' in read ? read.messages : { input: [], output: [] }
      if ('error' in read) problems.push(read.error)
      const says = messages.input.length > 0 || messages.output.length > 0
      if (says || call.span.statusCode === 2) calls.push({ ...call, number: at + 1, messages })
      else if (!('error' in read)) silent++
    })
    const lanes = withToolUses(lanesOf(calls), cast.tools)
    cost.current = performance.now() - begun
    return {
      lanes,
      calls: cast.calls.length,
      silent,
      unread:
        problems.length === 0
          ? undefined
          : {
              count: problems.length,
              reason: problems[0] instanceof ApiError ? problems[0].message : String(problems[0]),
            },
      progress,
      more: reader.more,
      retry: reader.retry,
    }
  }, [cast, progress, reader])
}
