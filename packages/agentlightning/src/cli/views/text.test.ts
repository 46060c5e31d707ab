import { describe, expect, it } from 'vitest'
import { cleanLine, cleanLines, cutText, fitText, textWidth, wrapText } from './text.ts'

/** A small generator of numbers with a fixed seed: the same texts in each run. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

const pieces = [
  'a',
  'Z',
  ' ',
  '  ',
  '\t',
  '\n',
  '\r\n',
  'hello world',
  'é',
  'e\u0301',
  '旅行',
  'ｶﾞ',
  'Ｗ',
  '한국어',
  '👍🏽',
  '👨‍👩‍👧',
  '🇫🇷',
  '1️⃣',
  '\u001b[31m',
  '\u001b]8;;http://x\u0007',
  '\u001b',
  '\u009b2J',
  '\u0000',
  '\u007f',
  '\u202e',
  '\u200b',
  '\ud800',
  '\udc00',
  'नमस्ते',
  '\u2028',
  '\u001bP1;2',
  '\u0085',
  '\u{e0041}',
  '…',
] // prettier-ignore

function texts(count: number): string[] {
  const next = random(7)
  return Array.from({ length: count }, () =>
    Array.from({ length: next(30) }, () => pieces[next(pieces.length)]).join(''),
  )
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
const unsafe = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/

describe('cleaning', () => {
  it.each([
    ['red \u001b[1;31mtext\u001b[0m', 'red text'],
    ['\u001b]0;owned\u0007title', 'title'],
    ['link \u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\', 'link here'],
    ['\u001b]52;c;cm0gLXJm\u0007clipboard', 'clipboard'],
    ['8-bit \u009b2J\u009d0;x\u009cforms', '8-bit forms'],
    ['\u001bP+q544e\u001b\\device', 'device'],
    ['\u001bc\u001b(Breset', 'reset'],
    ['a\u202eb\u2066c\u200f', 'abc'],
    ['one\r\ntwo\tthree\u2028four\u0085five', 'one two three four five'],
    ['half \ud83d', 'half \ufffd'],
    ['\u001b]never ended, and more', 'never ended, and more'],
    ['hidden\u{e0041}\u200b\ufeff', 'hidden'],
  ])('%j becomes %j', (text, clean) => expect(cleanLine(text)).toBe(clean))

  it('keeps line breaks and indentation where lines are wanted', () => {
    expect(cleanLines('a\r\n\tb\u001b[2J\u2028  c')).toEqual(['a', '  b', '  c'])
  })

  it('leaves nothing that a terminal acts on, whatever the text', () => {
    for (const text of texts(3_000)) {
      expect(cleanLine(text)).not.toMatch(unsafe)
      for (const line of cleanLines(text)) expect(line).not.toMatch(unsafe)
    }
  })

  it('takes time in proportion to the text, also for sequences that never end', () => {
    for (const evil of ['\u001b]', '\u009d', '\u001b[', '\u001b[1;', '\u001bP ', '\u001b ']) {
      const started = performance.now()
      cleanLine(evil.repeat(200_000))
      expect(performance.now() - started).toBeLessThan(10_000)
    }
  })
})

describe('widths', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['旅行', 4],
    ['한국어', 6],
    ['\u1112\u1161\u11ab', 2],
    ['ｶ', 1],
    ['Ｗ', 2],
    ['👍', 2],
    ['👍🏽', 2],
    ['👨‍👩‍👧', 2],
    ['🇫🇷', 2],
    ['├─ ▣', 4],
    ['', 0],
  ])('%s takes %d columns', (text, width) => expect(textWidth(text)).toBe(width))

  it('cuts with an ellipsis and never through a character', () => {
    expect(cutText('hello', 5)).toBe('hello')
    expect(cutText('hello', 4)).toBe('hel…')
    expect(cutText('旅行計画', 5)).toBe('旅行…')
    expect(cutText('旅行計画', 6)).toBe('旅行…')
    expect(cutText('ab👨‍👩‍👧', 3)).toBe('ab…')
    expect(cutText('abc', 0)).toBe('')
  })

  it('cuts, fits and wraps within the columns given, whatever the text', () => {
    for (const text of texts(2_000).map(cleanLine)) {
      for (const columns of [2, 3, 7, 20]) {
        expect(textWidth(cutText(text, columns))).toBeLessThanOrEqual(columns)
        expect(textWidth(fitText(text, columns, 'right'))).toBe(columns)
        const lines = wrapText(text, columns)
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      }
    }
  })

  it('wraps at spaces, and long words where the line ends', () => {
    expect(wrapText('the quick brown fox', 10)).toEqual(['the quick', 'brown fox'])
    expect(wrapText('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  })

  it('wraps megabytes without delay', () => {
    const started = performance.now()
    expect(wrapText('漢'.repeat(200_000), 100)).toHaveLength(4_000)
    expect(wrapText('x'.repeat(2_000_000), 100)).toHaveLength(20_000)
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
