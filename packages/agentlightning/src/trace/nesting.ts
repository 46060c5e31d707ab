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
