// What went wrong with a span, in one line that is safe to show and short enough to keep.
import { clip } from './dialects/read.ts'

/** Characters of an error line. */
export const ERROR_LIMIT = 500

/** Far more than a line needs: a message of megabytes is not searched to its end. */
const LOOK_AT = 4 * ERROR_LIMIT

// Terminal sequences (ECMA-48 CSI) go as a whole, other control characters and line breaks become a space.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const sequences = /[\u001b\u009b]\[?[0-?]*[ -/]*[@-~]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g

/** One line of at most 500 characters, or `undefined` when nothing is said. */
export function errorLine(message: string): string | undefined {
  return lineOf(message, ERROR_LIMIT)
}

/** One line of at most `limit` characters, safe to show, or `undefined` when nothing is said. */
export function lineOf(text: string, limit: number): string | undefined {
  const line = text.slice(0, LOOK_AT).replace(sequences, '').replace(controls, ' ').trim()
  if (line === '') return undefined
  return line.length <= limit ? line : `${clip(line, limit - 1)}…`
}

/** `Type: message` of an exception; either may be missing. */
export function exceptionLine(type: string | undefined, message: string | undefined): string | undefined {
  const told = message === undefined ? undefined : errorLine(message)
  const name = type === undefined ? undefined : errorLine(type)
  if (told === undefined || name === undefined) return told ?? name
  return errorLine(`${name}: ${told}`)
}
