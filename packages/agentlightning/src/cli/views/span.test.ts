import { describe, expect, it } from 'vitest'
import { nastyName, plainLines, seeded, T0 } from './samples.ts'
import { renderSpan, type WholeSpan } from './span.ts'
import { textWidth } from './text.ts'

const whole: WholeSpan = {
  span: {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: '144c4d7ad1b19209',
    name: 'openai.chat.completion',
    kind: 3,
    startTimeUnixNano: String(T0),
    endTimeUnixNano: String(T0 + 3_420_000_000n),
    status: { code: 2, message: 'APITimeoutError: Request timed out.' },
    attributes: [
      { key: 'gen_ai.usage.prompt_tokens', value: { intValue: '1204' } },
      { key: 'gen_ai.prompt.10.content', value: { stringValue: 'two\nlines' } },
      { key: 'gen_ai.prompt.2.content', value: { stringValue: 'Hi\u001b]0;owned\u0007' } },
      { key: 'temperature', value: { doubleValue: 0.2 } },
      { key: 'stream', value: { boolValue: true } },
      { key: 'args', value: { stringValue: '{"city":"Kyoto"}' } },
      {
        key: 'ids',
        value: { arrayValue: { values: Array.from({ length: 88 }, (_, at) => ({ intValue: `${at}` })) } },
      },
      { key: 'big', value: { intValue: '9223372036854775807' } },
      { key: 'nan', value: { doubleValue: null } },
      { key: 'raw', value: { bytesValue: 'AQID' } },
      { key: 'tags', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } },
      { key: 'nothing' },
    ],
    events: [
      {
        name: 'exception',
        timeUnixNano: String(T0 + 3_000_000_000n),
        attributes: [{ key: 'exception.type', value: { stringValue: 'APITimeoutError' } }],
      },
    ],
    links: [{ traceId: 'aa', spanId: 'bb' }],
    droppedAttributesCount: 3,
  },
  resource: { attributes: [{ key: 'service.name', value: { stringValue: 'travel' } }] },
  scope: { name: 'openai', version: '1.0' },
}

it('shows everything that was sent, with types, in the order of keys', () => {
  expect(renderSpan(whole, { width: 80, color: false })).toEqual([
    '✕ openai.chat.completion  3.42 s',
    '  status   error',
    '  kind     client',
    '  started  2026-11-22 20:13:29.281',
    '  span     144c4d7ad1b19209',
    '  parent   none',
    '  trace    5b8efff798038103d269b633813fc60c',
    '  scope    openai 1.0',
    '  APITimeoutError: Request timed out.',
    '',
    'Attributes 12, 3 dropped by the client',
    '  args                        json       {"city":"Kyoto"}',
    '  big                         int        9223372036854775807',
    '  gen_ai.prompt.2.content     string     Hi',
    '  gen_ai.prompt.10.content    string',
    '      two',
    '      lines',
    '  gen_ai.usage.prompt_tokens  int        1204',
    '  ids                         int[88]',
    '      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … 76 more]',
    '  nan                         double     not a number',
    '  nothing                     empty',
    '  raw                         bytes      010203 (3 B)',
    '  stream                      bool       true',
    '  tags                        string[2]  ["a", "b"]',
    '  temperature                 double     0.2',
    '',
    'Events 1',
    '  exception  +3.00 s',
    '    exception.type  string  APITimeoutError',
    '',
    'Links 1',
    '  trace aa span bb',
    '',
    'Resource 1',
    '  service.name  string  travel',
  ])
})

it('adds colours and nothing else when asked for them', () => {
  const colored = renderSpan(whole, { width: 80, color: true })
  expect(colored.join('\n')).toContain('\u001b[')
  expect(plainLines(colored)).toEqual(renderSpan(whole, { width: 80, color: false }))
})

describe('long values', () => {
  const text = (lines: number): string => Array.from({ length: lines }, (_, at) => `line ${at}`).join('\n')
  const span = (value: string): WholeSpan => ({
    span: { attributes: [{ key: 'k', value: { stringValue: value } }] },
  })

  it('are cut after 40 lines, with their size', () => {
    const lines = renderSpan(span(text(100)), { width: 80, color: false })
    expect(lines.at(-1)).toBe('      … cut after 40 lines of 789 B; --all shows all')
    expect(lines.at(-2)).toBe('      line 39')
  })

  it('are whole at 40 lines, and when all is asked for', () => {
    expect(renderSpan(span(text(40)), { width: 80, color: false }).at(-1)).toBe('      line 39')
    expect(renderSpan(span(text(100)), { width: 80, color: false, all: true }).at(-1)).toBe('      line 99')
  })

  it('of JSON are indented, and what is wrapped keeps its indentation', () => {
    const lines = renderSpan(span(JSON.stringify([{ role: 'user', content: 'word '.repeat(12).trim() }])), {
      width: 50,
      color: false,
    })
    expect(lines.slice(-7)).toEqual([
      '      [',
      '        {',
      '          "role": "user",',
      '          "content": "word word word word word',
      '          word word word word word word word"',
      '        }',
      '      ]',
    ])
  })

  it('of JSON that is nested too deeply to be indented are shown as they are', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const lines = renderSpan(span(deep), { width: 80, color: false })
    expect(lines.at(-2)).toBe(`      ${'['.repeat(74)}`)
    expect(lines.at(-1)).toBe('      … cut after 40 lines of 100 kB; --all shows all')
  })

  it('that only begin like JSON are shown as they are', () => {
    expect(renderSpan(span('[{"role": "us'), { width: 80, color: false }).at(-1)).toBe(
      '  k  string  [{"role": "us',
    )
  })
})

it('is never wider than the terminal and lets no control sequence through, whatever the data', () => {
  const next = seeded(9)
  const attributes = () =>
    Array.from({ length: next(6) }, () => ({
      key: nastyName(next),
      value: next(2)
        ? { stringValue: nastyName(next) }
        : {
            arrayValue: {
              values: Array.from({ length: next(30) }, () => ({ stringValue: nastyName(next) })),
            },
          },
    }))
  for (let round = 0; round < 200; round++) {
    const width = 40 + next(100)
    const lines = renderSpan(
      {
        span: {
          name: nastyName(next),
          status: { code: next(3), message: nastyName(next) },
          attributes: attributes(),
          events: [{ name: nastyName(next), attributes: attributes() }],
          droppedLinksCount: next(2),
        },
        scope: { name: nastyName(next), attributes: attributes() },
      },
      { width, color: false, all: next(2) === 1 },
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width)
  }
})
