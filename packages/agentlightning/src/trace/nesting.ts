// How deep JSON inside of texts may be: whatever walks or writes a parsed value recurses once a level.

/** A text that is deeper is shown as the text that it is. */
export const MOST_TEXT_LEVELS = 500

/** The deepest level of brackets; those inside of strings count as well, which can only make it more. */
export function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return deepest
}

/**
 * What a JSON text says, when it can be walked and written again. Throws for text that is no JSON, and `RangeError` for
 * one that is deeper than `MOST_TEXT_LEVELS`.
 */
export function parseShallow(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // The brackets are counted first: hardly any text has that many, and if so in its strings.
  if (nesting(text) > MOST_TEXT_LEVELS && isDeep(value)) throw new RangeError('nested too deep')
  return value
}

function isDeep(value: unknown): boolean {
  let level = [value].filter(isHolder)
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MOST_TEXT_LEVELS) return true
    level = level.flatMap((holder) => Object.values(holder).filter(isHolder))
  }
  return false
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
