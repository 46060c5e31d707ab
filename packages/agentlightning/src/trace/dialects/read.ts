// How values become fields: the same bounds and the same idea of "says nothing" for every dialect.
import type { ValueView } from '../../otlp/scan/span-view.ts'
import type { SpanType } from '../fields.ts'

/** Characters kept of a name. */
export const TEXT_LIMIT = 256
/** Characters of the longest identifier. */
export const LABEL_LIMIT = 512
/** Tags kept of one span. */
export const TAG_LIMIT = 64

/** What Claude Code writes where its user forbade recording: as good as absent. */
const REDACTED = '<REDACTED>'

const KIND_LIMIT = 64

/** The text without surrounding space; `undefined` when nothing is said. */
function said(value: ValueView): string | undefined {
  const text = value.string()?.trim()
  return text === '' || text === REDACTED ? undefined : text
}

/** At most `limit` UTF-16 units, no half surrogate pair at the end. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)
}

/** A name, cut to `TEXT_LIMIT`. */
export function readText(value: ValueView): string | undefined {
  const text = said(value)
  return text === undefined ? undefined : clip(text, TEXT_LIMIT)
}

/** An identifier; a longer one than `LABEL_LIMIT` is left out, since a cut id would be another id. */
export function readLabel(value: ValueView): string | undefined {
  const text = said(value)
  return text === undefined || text.length > LABEL_LIMIT ? undefined : text
}

/** A JSON string stands for the text in it (MLflow encodes every value); anything else for itself. */
export function readJsonLabel(value: ValueView): string | undefined {
  const text = readLabel(value)
  if (text === undefined || text[0] !== '"') return text
  try {
    const inner: unknown = JSON.parse(text)
    return typeof inner === 'string' && inner.trim() !== '' ? inner.trim() : undefined
  } catch {
    return text
  }
}

/** A number of tokens: a whole number that a double holds exactly, not negative. */
export function readCount(value: ValueView): number | undefined {
  const number = value.number()
  return number !== undefined && number >= 0 && Number.isSafeInteger(number) ? number : undefined
}

/** USD: finite, not negative. Zero is a price, too. */
export function readMoney(value: ValueView): number | undefined {
  const number = value.number()
  return number !== undefined && number >= 0 && Number.isFinite(number) ? number : undefined
}

/** The number of token ids in an array, or in the text of one. An empty array is none. */
export function readIds(value: ValueView): number | undefined {
  const count = value.count() ?? countInText(value.string())
  return count === 0 ? undefined : count
}

/**
 * The number of token ids in the text of a reply's choices, each with a list `token_ids`: JSON, or what Python
 * prints.
 */
export function readChoiceIds(value: ValueView): number | undefined {
  let count = 0
  for (const [, list] of value.string()?.matchAll(/['"]token_ids['"]: ?(\[[\d, ]*\])/g) ?? [])
    count += countInText(list) ?? 0
  return count === 0 ? undefined : count
}

/** Number of integers in the text of an array, e.g. what Python prints for a list. */
function countInText(text: string | undefined): number | undefined {
  if (text === undefined || !text.startsWith('[')) return undefined
  let count = 0
  let inNumber = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const digit = code >= 0x30 && code <= 0x39
    if (digit && !inNumber) count++
    inNumber = digit
  }
  return count
}

/** A set of tags, in the order given: an array, the text of a JSON array, or one tag. */
export function readTags(value: ValueView): readonly string[] | undefined {
  const strings = value.strings()
  if (strings) return asSet(strings)
  const text = said(value)
  // What begins like an array and is none was cut by a limit of the SDK: no tag can be trusted.
  return text === undefined || text.startsWith('[') ? undefined : asSet([text])
}

/** A set of tags separated by commas. */
export function readWords(value: ValueView): readonly string[] | undefined {
  const strings = value.strings()
  if (strings) return asSet(strings)
  const text = said(value)
  return text === undefined ? undefined : asSet(text.split(',', TAG_LIMIT))
}

function asSet(strings: readonly string[]): readonly string[] | undefined {
  const set = new Set<string>()
  for (const string of strings) {
    const tag = clip(string.trim(), TEXT_LIMIT)
    if (tag === '' || tag === REDACTED) continue
    set.add(tag)
    if (set.size === TAG_LIMIT) break
  }
  return set.size === 0 ? undefined : [...set]
}

/** The kind that a word stands for, in any case. */
export function kindOf(words: ReadonlyMap<string, SpanType>, word: string | undefined): SpanType | undefined {
  if (word === undefined || word.length > KIND_LIMIT) return undefined
  return words.get(word) ?? words.get(word.trim().toLowerCase())
}
