// How much of a message is seen while it is folded. Pure.
import type { Part } from '../../../../agentlightning/src/trace/messages/types.ts'
import { jsonOf } from '../../ui/text.ts'
import { speakerOf } from './atoms.ts'
import { cutAt } from './find.ts'
import type { Entry } from './thread-types.ts'

/** Lines that are seen of a tool's arguments, each, and of its result. */
export const ARGUMENT_LINES = 6
export const RESULT_LINES = 8
const TEXT_LINES = 20
const JSON_LINES = 8
const THOUGHT_LINES = 2
/** Instructions are long, and the same in every run of an agent. */
const SYSTEM_LINES = 2

/** Lines that are seen of a part that is no tool call. */
export function linesOfPart({ type }: Part, role: string): number {
  if (type === 'reasoning') return THOUGHT_LINES
  if (type === 'toolResult') return RESULT_LINES
  if (type === 'json') return JSON_LINES
  return speakerOf(role) === 'system' ? SYSTEM_LINES : TEXT_LINES
}

/** Longer JSON is put in lines. */
const ONE_LINE = 120
/** JSON above this size is shown as it was sent. */
const MOST_PRETTY = 256 * 1024

/** A tool's result as it is shown: JSON in lines where one would be long. */
export function resultText(text: string): { readonly text: string; readonly json: boolean } {
  const value = text.length <= ONE_LINE || text.length > MOST_PRETTY ? undefined : jsonOf(text)
  return value === undefined ? { text, json: false } : { text: JSON.stringify(value, null, 2), json: true }
}

/** A tool's arguments as they are shown: by name, or as one text where they are no object. */
export function argumentTexts(
  text: string,
): readonly { readonly name: string | undefined; readonly text: string; readonly json: boolean }[] {
  const value = jsonOf(text)
  if (value === undefined || Array.isArray(value))
    return text.trim() === '' ? [] : [{ name: undefined, text, json: true }]
  return Object.entries(value).map(([name, member]: [string, unknown]) =>
    typeof member === 'string'
      ? { name, text: member, json: false }
      : { name, text: JSON.stringify(member), json: true },
  )
}

const known = new WeakMap<Entry, boolean>()

/** Whether a message has more to show than is seen while it is folded. */
export function isLong(entry: Entry): boolean {
  const old = known.get(entry)
  if (old !== undefined) return old
  const exceeds = (text: string, lines: number) => cutAt(text, lines) < text.length
  const long = entry.atoms.some(({ part }, place) => {
    if (part.type !== 'toolCall')
      return exceeds(
        part.type === 'toolResult' ? resultText(part.text).text : part.text,
        linesOfPart(part, entry.role),
      )
    const told = entry.uses.get(place)?.result?.part
    return (
      argumentTexts(part.arguments).some(({ text }) => exceeds(text, ARGUMENT_LINES)) ||
      (told !== undefined && told.type !== 'toolCall' && exceeds(resultText(told.text).text, RESULT_LINES))
    )
  })
  known.set(entry, long)
  return long
}
