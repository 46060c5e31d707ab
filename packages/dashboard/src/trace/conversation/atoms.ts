// Messages as pieces that can be compared: equal ones of all calls are one object, since every call repeats its
// history. Pure.
import type { Conversation, Message, Part } from '../../../../agentlightning/src/trace/messages/types.ts'
import { jsonOf } from '../../ui/text.ts'

/** Who says something, whatever an SDK calls the role. */
export type Speaker = 'system' | 'user' | 'assistant' | 'tool' | 'other'

/** A part of a message. */
export interface Atom {
  /** The same number for the same content of the same speaker, whichever ids and spacing it was written with. */
  readonly content: number
  readonly speaker: Speaker
  readonly part: Part
}

/** A message as parts. */
export interface Said {
  readonly role: string
  readonly atoms: readonly Atom[]
  readonly finishReason: string | undefined
}

/** What one call was sent and answered. */
export interface CallMessages {
  readonly input: readonly Said[]
  readonly output: readonly Said[]
}

const speakers: Readonly<Record<string, Speaker>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  input: 'user',
  assistant: 'assistant',
  ai: 'assistant',
  model: 'assistant',
  output: 'assistant',
  tool: 'tool',
  function: 'tool',
}

/** Who speaks in a message of a role. */
export function speakerOf(role: string): Speaker {
  return speakers[role.toLowerCase()] ?? 'other'
}

/** Whether one is the other, sent again. Results of two calls of a tool may have one text: their ids tell them apart. */
export function isSame(a: Atom, b: Atom): boolean {
  if (a.content !== b.content) return false
  if (a.part.type !== 'toolResult' || b.part.type !== 'toolResult') return true
  return a.part.id === undefined || b.part.id === undefined || a.part.id === b.part.id
}

/** A reader that gives equal messages of all the calls that it reads as one object. */
export function messageReader(): (of: Pick<Conversation, 'input' | 'output'>) => CallMessages {
  const contents = new Map<string, Map<string, number>>()
  const atoms = new Map<string, Atom>()
  const messages = new Map<string, Said>()
  let known = 0

  const contentOf = (kind: string, text: string): number => {
    const ofKind = remembered(contents, kind, () => new Map<string, number>())
    return remembered(ofKind, text, () => known++)
  }
  const atomOf = (part: Part, speaker: Speaker): Atom => {
    const { kind, text } = comparable(part, speaker)
    const content = contentOf(kind, text)
    return remembered(atoms, `${content} ${idOf(part) ?? ''}`, () => ({ content, speaker, part }))
  }
  const saidOf = ({ role, parts, finishReason }: Message): Said => {
    const speaker = speakerOf(role)
    const own = parts.filter(saysSomething).map((part) => {
      // Some write a tool's result as a plain text of the role.
      const read: Part =
        speaker === 'tool' && part.type === 'text' ? { type: 'toolResult', text: part.text } : part
      return atomOf(read, read.type === 'toolResult' ? 'tool' : speaker)
    })
    const key = `${role} ${finishReason ?? ''} ${own.map((atom) => `${atom.content}:${idOf(atom.part) ?? ''}`).join(' ')}`
    return remembered(messages, key, () => ({ role, atoms: own, finishReason }))
  }
  /** Of messages that are one object, as they are in an answer about many calls. */
  const read = new WeakMap<Message, Said>()
  const said = (message: Message): Said => {
    const before = read.get(message)
    if (before) return before
    const made = saidOf(message)
    read.set(message, made)
    return made
  }
  return ({ input, output }) => ({ input: input.map(said), output: output.map(said) })
}

/** What the map has at `key`, made where it has nothing. */
export function remembered<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const old = map.get(key)
  if (old !== undefined) return old
  const made = make()
  map.set(key, made)
  return made
}

function saysSomething(part: Part): boolean {
  return part.type === 'toolCall' || part.type === 'toolResult' || part.text.trim() !== ''
}

function idOf(part: Part): string | undefined {
  return part.type === 'toolCall' || part.type === 'toolResult' ? part.id : undefined
}

/** What makes two parts the same. An answer often comes back with other spacing. */
function comparable(part: Part, speaker: Speaker): { kind: string; text: string } {
  if (part.type === 'toolCall') return { kind: `call ${part.name}`, text: canonical(part.arguments) }
  if (part.type === 'media') return { kind: `${speaker} media ${part.mediaType}`, text: part.text }
  return { kind: `${speaker} ${part.type}`, text: part.text.trim() }
}

/** JSON with sorted names and no spaces; any other text without spaces around it. */
function canonical(text: string): string {
  const value = jsonOf(text)
  if (value === undefined) return text.trim()
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
