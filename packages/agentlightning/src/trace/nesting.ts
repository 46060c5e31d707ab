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
  // A level takes two characters at least.
  if (text.length > 2 * MOST_TEXT_LEVELS && isDeeper(value, MOST_TEXT_LEVELS))
    throw new RangeError('nested too deep')
  return value
}

/** Whether more than `levels` levels of lists and objects lie in one another. Faster than counting brackets in the text. */
function isDeeper(value: unknown, levels: number): boolean {
  if (!isHolder(value)) return false
  if (levels === 0) return true
  if (Array.isArray(value)) {
    for (const item of value) if (isHolder(item) && isDeeper(item, levels - 1)) return true
    return false
  }
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name]
    if (isHolder(member) && isDeeper(member, levels - 1)) return true
  }
  return false
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
