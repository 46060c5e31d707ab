// What the page's own find finds in a thread, and how much of a text is shown. Pure.
import type { Item } from './items.ts'
import type { Entry } from './thread-types.ts'

/** The texts of a message, those of results at its tool calls included. */
export function textsOf({ atoms, uses }: Entry): readonly string[] {
  return atoms.flatMap(({ part }, place) => {
    if (part.type !== 'toolCall') return [part.text]
    const told = uses.get(place)?.result?.part
    return [part.name, part.arguments, ...(told && told.type !== 'toolCall' ? [told.text] : [])]
  })
}

/** The rows whose message has a text, in lower case. */
export function rowsWith(items: readonly Item[], wanted: string): readonly number[] {
  if (wanted === '') return []
  return items.flatMap((item, at) =>
    item.kind === 'message' && textsOf(item.entry).some((text) => text.toLowerCase().includes(wanted))
      ? [at]
      : [],
  )
}

/** Characters of one line on the page: a longer one counts as several. */
const LINE = 100

/**
 * Where a text is cut that shows about `lines` lines, at the end of a line or word; its length where it is not cut,
 * since half as many more are not worth a click.
 */
export function cutAt(text: string, lines: number): number {
  const cut = endOf(text, 0, lines)
  return endOf(text, cut, Math.floor(lines / 2)) === text.length ? text.length : cut
}

/** Where `lines` lines from `from` on end. */
function endOf(text: string, from: number, lines: number): number {
  let at = from
  for (let left = lines; at < text.length && left > 0; ) {
    const end = text.indexOf('\n', at)
    const length = (end < 0 ? text.length : end) - at
    if (length > left * LINE) return wordEnd(text, at + left * LINE)
    left -= Math.max(1, Math.ceil(length / LINE))
    at = end < 0 ? text.length : end + 1
  }
  return at
}

/** The last space before `at`, if there is one near. */
function wordEnd(text: string, at: number): number {
  const space = text.lastIndexOf(' ', at)
  const end = space > at - LINE ? space + 1 : at
  // Half a surrogate pair is no character.
  return /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end
}
