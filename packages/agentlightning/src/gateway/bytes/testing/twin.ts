// One description of a reply, written as two texts: as the server sends it unasked, and with what a flag adds.
import type { Random } from '../../../otlp/scan/fixtures/random.ts'

/** A value of a described reply. Objects keep the order of their members. */
export type Twin =
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Twin[] }
  | { readonly kind: 'object'; readonly members: readonly TwinMember[] }
  | { readonly kind: 'asked'; readonly flagged: Twin; readonly direct: Twin | undefined }

/** A member, its name as JSON text. */
export type TwinMember = readonly [name: string, value: Twin]

/** The whitespace of one text. */
export interface Spacing {
  readonly comma: string
  readonly colon: string
  readonly open: string
  readonly close: string
}

/** Spacings that no server uses, and the two that they all do. */
export const spacings: readonly Spacing[] = [
  { comma: ',', colon: ':', open: '', close: '' },
  { comma: ', ', colon: ': ', open: '', close: '' },
  { comma: ' ,\t', colon: ' : ', open: ' ', close: '  ' },
  { comma: '\r , ', colon: ':\t', open: '\t', close: '\r' },
]

/** A spacing that spreads a text over lines. */
export const lines: Spacing = { comma: ',\n  ', colon: ': ', open: '\n  ', close: '\n' }

/** A value with members, in random order. */
export function object(random: Random, members: Readonly<Record<string, Twin | undefined>>): Twin {
  const present = Object.entries(members).flatMap(([name, value]): TwinMember[] =>
    value === undefined ? [] : [[key(random, name), value]],
  )
  return { kind: 'object', members: random.shuffled(present) }
}

/** A plain value; texts are escaped at random. */
export function value(random: Random, plain: unknown): Twin {
  if (typeof plain === 'string') return { kind: 'raw', text: text(random, plain) }
  if (Array.isArray(plain)) return { kind: 'list', items: plain.map((item) => value(random, item)) }
  if (typeof plain === 'object' && plain !== null) {
    const members = Object.entries(plain).map(([name, inner]) => [name, value(random, inner)] as const)
    return object(random, Object.fromEntries(members))
  }
  return { kind: 'raw', text: JSON.stringify(plain) }
}

/** Writes one of the two texts; the other one is `undefined` where it has no such value. */
export function write(twin: Twin, side: 'flagged' | 'direct', spacing: Spacing): string | undefined {
  switch (twin.kind) {
    case 'raw':
      return twin.text
    case 'asked': {
      const chosen = side === 'flagged' ? twin.flagged : twin.direct
      return chosen === undefined ? undefined : write(chosen, side, spacing)
    }
    case 'list':
      return enclosed(
        '[]',
        twin.items.map((item) => write(item, side, spacing) as string),
        spacing,
      )
    case 'object': {
      const members = twin.members.flatMap(([name, inner]) => {
        const written = write(inner, side, spacing)
        return written === undefined ? [] : [`${name}${spacing.colon}${written}`]
      })
      return enclosed('{}', members, spacing)
    }
  }
}

function enclosed(brackets: string, parts: readonly string[], spacing: Spacing): string {
  if (parts.length === 0) return brackets
  return `${brackets[0]}${spacing.open}${parts.join(spacing.comma)}${spacing.close}${brackets[1]}`
}

function key(random: Random, name: string): string {
  return random.chance(10) ? escaped(random, name) : JSON.stringify(name)
}

function text(random: Random, plain: string): string {
  return random.chance(3) ? escaped(random, plain) : JSON.stringify(plain)
}

// Some of the UTF-16 units as \uXXXX, in either case of hex digits.
function escaped(random: Random, plain: string): string {
  const units = Array.from({ length: plain.length }, (_, i) => {
    if (random.chance(2)) return JSON.stringify(plain[i]).slice(1, -1)
    const hex = plain.charCodeAt(i).toString(16).padStart(4, '0')
    return `\\u${random.chance(2) ? hex : hex.toUpperCase()}`
  })
  return `"${units.join('')}"`
}
