// Calls for tests, said in a few words.
import type { Message, Part } from '../../../../agentlightning/src/trace/messages/types.ts'
import type { TreeSpan } from '../../api.ts'
import { noFolds } from '../folds.ts'
import { treeRows } from '../tree.ts'
import { messageReader } from './atoms.ts'
import { castOf } from './calls.ts'
import { type Item, itemsOf } from './items.ts'
import { lanesOf } from './thread.ts'
import type { Entry, Lane } from './thread-types.ts'
import { withToolUses } from './tool-uses.ts'

/** A span of a type; times in any unit. */
export function someSpan(
  spanId: string,
  type: string,
  [from, to]: readonly [number, number],
  more: Partial<Omit<TreeSpan, 'fields'>> & { fields?: Partial<TreeSpan['fields']> } = {},
): TreeSpan {
  return {
    spanId,
    name: spanId,
    startNs: String(from),
    endNs: String(to),
    statusCode: 0,
    payloadBytes: 100,
    ...more,
    fields: { type, ...more.fields },
  } as TreeSpan
}

const say =
  (role: string) =>
  (text: string): Message => ({ role, parts: [{ type: 'text', text }] })
export const system = say('system')
export const user = say('user')
export const assistant = say('assistant')

/** An answer with tool calls: `ask('search', 'c1')`. */
export function ask(...calls: readonly (readonly [name: string, id?: string, args?: string])[]): Message {
  return {
    role: 'assistant',
    parts: calls.map(
      ([name, id, args = '{}']): Part => ({
        type: 'toolCall',
        name,
        arguments: args,
        ...(id === undefined ? {} : { id }),
      }),
    ),
  }
}

/** A tool's result. */
export function result(text: string, id?: string): Message {
  return { role: 'tool', parts: [{ type: 'toolResult', text, ...(id === undefined ? {} : { id }) }] }
}

/** What each call was sent and answered, by its span's id. */
export type Said = Readonly<Record<string, { input?: readonly Message[]; output?: readonly Message[] }>>

/** The lanes of a trace. */
export function lanesFrom(spans: readonly TreeSpan[], said: Said): readonly Lane[] {
  const read = messageReader()
  const { calls, tools } = castOf(treeRows(spans))
  return withToolUses(
    lanesOf(
      calls.map((call, at) => {
        const { input = [], output = [] } = said[call.span.spanId] ?? {}
        return { ...call, number: at + 1, messages: read({ input, output }) }
      }),
    ),
    tools,
  )
}

/** The thread in lines: `> agent` for lanes, `#2 +1 -1` for calls with what was resent and left out, messages as they are. */
export function linesOf(lanes: readonly Lane[]): readonly string[] {
  return itemsOf(lanes, noFolds).map((item) => '  '.repeat(item.depth) + lineOf(item))
}

function lineOf(item: Item): string {
  if (item.kind === 'lane') return `> ${item.lane.agent ?? item.lane.id}`
  if (item.kind === 'message') return messageLine(item.entry)
  const { call, resent, leftOut, again } = item.turn
  return [
    `#${call.number}`,
    ...(resent > 0 ? [`+${resent}`] : []),
    ...(leftOut.length > 0 ? [`-${leftOut.length}`] : []),
    ...(again ? ['again'] : []),
  ].join(' ')
}

function messageLine({ role, atoms, edited, choice, uses }: Entry): string {
  const parts = atoms.map(({ part }, place) => {
    if (part.type !== 'toolCall') return part.text.trim()
    const { result: told, runs = [] } = uses.get(place) ?? {}
    return [
      `${part.name}()`,
      ...(told && told.part.type !== 'toolCall' ? [`= ${told.part.text}`] : []),
      ...runs.map(({ spanId }) => `@${spanId}`),
    ].join(' ')
  })
  return `${role}${edited ? ' (edited)' : ''}${choice ? ` ${choice.at}/${choice.of}` : ''}: ${parts.join(' | ')}`
}
