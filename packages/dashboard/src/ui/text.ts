// How much of a text is shown, and whether it is JSON.

/** Lines and characters shown at first; each step shows sixteen times as much. */
const FIRST_LINES = 40
const FIRST_CHARACTERS = 4000
const STEP = 16
/** JSON above this size is shown as text: reading it would hold up the page. */
const JSON_LIMIT = 1024 * 1024

/** The beginning of a text after `steps` requests for more, and the characters that are left. */
export function clipText(text: string, steps: number): { shown: string; left: number } {
  const characters = FIRST_CHARACTERS * STEP ** steps
  const lines = FIRST_LINES * STEP ** steps
  let end = Math.min(text.length, characters)
  let at = -1
  for (let line = 0; line < lines; line++) {
    at = text.indexOf('\n', at + 1)
    if (at < 0 || at >= end) break
    if (line === lines - 1) end = at
  }
  // Half a surrogate pair is no character.
  if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end--
  return { shown: text.slice(0, end), left: text.length - end }
}

/** The object or array that a text holds; undefined for any other text. */
export function jsonOf(text: string): object | undefined {
  if (text.length > JSON_LIMIT || !/^\s*[[{]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    // Cut off by a limit of the SDK, or no JSON at all.
    return undefined
  }
}
