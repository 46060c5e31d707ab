// Text of unknown origin made safe for a terminal, and cut to the columns that it takes there.

// What terminals act on: control strings (OSC, DCS, SOS, PM, APC) with their end, control sequences (CSI),
// other escapes, in their 7-bit and 8-bit forms (ECMA-48 §5). A string without an end loses only its
// beginning, so that it cannot swallow what follows. No class below can match where a match began: linear.
const sequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])(?:[^\u0000-\u001f\u007f-\u009f]*(?:\u0007|\u001b\\|\u009c))?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g

// Controls that are left, and characters that reorder or hide text: bidirectional controls, zero-width
// spaces, invisible operators, interlinear annotations, tags.
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

const plain = /^[\u0020-\u007e]*$/
// One column for each UTF-16 unit: Latin, punctuation, arrows, and what guides and bars are drawn with.
const narrow = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc]*$/
const breaks = /[\s\u0085\u2028\u2029]+/g
const lineEnds = /\r\n?|[\u0085\u2028\u2029]/g

/** One safe line: no control, escape sequence or bidirectional override; any run of space is one space. */
export function cleanLine(text: string): string {
  if (plain.test(text) && !text.includes('  ')) return text.trim()
  return text.toWellFormed().replace(sequences, '').replace(breaks, ' ').replace(hidden, '').trim()
}

/** Safe lines of a text: as `cleanLine`, but line breaks and indentation stay; a tab is two spaces. */
export function cleanLines(text: string): string[] {
  const ended = text.toWellFormed().replace(sequences, '').replace(lineEnds, '\n').replaceAll('\t', '  ')
  return ended.replace(hidden, '').split('\n')
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
// A mark that makes an emoji counts only on one: data may begin with it, after what was removed.
const emoji =
  /^(?:\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Emoji}\p{Emoji_Modifier}|\p{Regional_Indicator})/u
const zeroWidth = /\p{Mn}|\p{Me}|\p{Cf}/u

// East Asian Wide and Fullwidth (Unicode Standard Annex 11), of emoji only the skin tones.
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x1f3fb, 0x1f3ff],
  [0x20000, 0x3fffd],
]

/** Columns that a cleaned text takes in a terminal. */
export function textWidth(text: string): number {
  if (narrow.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

function graphemeWidth(grapheme: string): number {
  if (emoji.test(grapheme)) return 2
  let width = 0
  for (const character of grapheme) {
    const code = character.codePointAt(0) as number
    if (code < 0x300) width++
    else if (isWide(code)) width += 2
    else if (!zeroWidth.test(character) && !(code >= 0x1160 && code <= 0x11ff)) width++
  }
  return width
}

function isWide(code: number): boolean {
  return wide.some(([first, last]) => code >= first && code <= last)
}

/** At most `columns` columns of a cleaned text; `…` marks a cut. No grapheme is split. */
export function cutText(text: string, columns: number): string {
  if (columns <= 0) return ''
  if (narrow.test(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`
  let width = 0
  let kept = 0
  for (const { segment, index } of graphemes.segment(text)) {
    width += graphemeWidth(segment)
    if (width > columns) return `${text.slice(0, kept)}…`
    if (width < columns) kept = index + segment.length
  }
  return text
}

/** Cut and filled with spaces to exactly `columns`. */
export function fitText(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutText(text, columns)
  const space = ' '.repeat(Math.max(0, columns - textWidth(cut)))
  return align === 'left' ? cut + space : space + cut
}

/** Lines of at most `columns` columns (at least 2), broken after spaces where there are any. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = []
  let rest = text
  while (true) {
    const fits = prefixOf(rest, columns)
    if (fits.length === rest.length) break
    const space = fits.lastIndexOf(' ')
    // A break far to the left would waste the line: long words and URLs are broken where the line ends.
    const end = space > fits.length / 2 ? space + 1 : fits.length
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end)
  }
  lines.push(rest)
  return lines
}

/** The longest beginning of `text` that takes at most `columns`, and at least one grapheme. */
function prefixOf(text: string, columns: number): string {
  const head = text.slice(0, columns + 1)
  if (narrow.test(head)) return head.slice(0, columns)
  // More than a line ever needs, so that a text of megabytes is not walked through for each of its lines.
  const near = text.slice(0, 64 + 8 * columns)
  let width = 0
  for (const { segment, index } of graphemes.segment(near)) {
    width += graphemeWidth(segment)
    if (width > columns && index > 0) return near.slice(0, index)
  }
  return near
}
