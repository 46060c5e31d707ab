// A trace's model calls as something to read: lanes of turns, each message in it once.
import type { TreeSpan } from '../../api.ts'
import type { Atom, CallMessages } from './atoms.ts'
import type { CallSpan } from './calls.ts'

/** A model call with what was said in it. */
export interface Call extends CallSpan {
  /** From 1, in the order of time. */
  readonly number: number
  readonly messages: CallMessages
}

/** A message, or what of it was not said before. */
export interface Entry {
  /** Names it within the trace: the span of its call, side and place. */
  readonly key: string
  /** The call that it came with first. */
  readonly call: Call
  readonly side: 'input' | 'output'
  readonly role: string
  readonly atoms: readonly Atom[]
  readonly finishReason: string | undefined
  /** True for what stands between messages that were there before: the history was changed. */
  readonly edited: boolean
  /** Which of several answers of one call, from 1. */
  readonly choice: { readonly at: number; readonly of: number } | undefined
  /** The number of the call that began with the same instructions, in another lane. */
  readonly repeats: number | undefined
  /** What became of tool calls, by the place of their atom. */
  readonly uses: ReadonlyMap<number, ToolUse>
}

/** What became of a tool call. */
export interface ToolUse {
  /** The result as a later call was told it. */
  readonly result: Atom | undefined
  /** The spans that ran it: more than one where it was tried again. */
  readonly runs: readonly TreeSpan[]
}

/** One call of a lane. */
export interface Turn {
  readonly call: Call
  /** What it was told that was not said before in its lane. */
  readonly fresh: readonly Entry[]
  readonly answers: readonly Entry[]
  /** Messages that were said before and sent again. */
  readonly resent: number
  /** Messages that the call before was told or answered, and that were not sent again. */
  readonly leftOut: readonly Entry[]
  /** True where the call was sent nothing but what the call before was. */
  readonly again: boolean
  /** Runs of tools that cannot be told to belong to one call of the answer. */
  readonly runs: readonly TreeSpan[]
}

/** Calls of which each continues the one before. */
export interface Lane {
  /** The span id of its first call. */
  readonly id: string
  readonly owner: string
  readonly agent: string | undefined
  readonly turns: readonly Turn[]
  /** The call that it took its first messages from, and how many: it went another way from there. */
  readonly branch: { readonly from: Call; readonly messages: number } | undefined
}
