import { describe, expect, it } from 'vitest'
import { FOLD_ABOVE, layOut } from './forest.ts'
import { nastyName, plainLines, seeded, spanOf, traceOf } from './samples.ts'
import { textWidth } from './text.ts'
import { renderTrace } from './tree.ts'

const look = { width: 70, color: false }
const noFold = { foldAbove: Number.POSITIVE_INFINITY }
const shape = (rows: ReturnType<typeof layOut>): string[] =>
  rows.map(
    ({ span, depth, top }) => `${'>'.repeat(depth)}${span.spanId}${top && top !== 'root' ? ` ${top}` : ''}`,
  )

describe('a trace', () => {
  const spans = [
    spanOf('root', undefined, [0, 10_000], { name: 'plan-trip', type: 'agent' }),
    spanOf('call', 'root', [0, 2_500], {
      name: 'openai.chat.completion',
      type: 'llm',
      fields: { type: 'llm', responseModel: 'qwen3', usage: { input: 1_200, output: 210 } },
    }),
    spanOf('tool', 'root', [2_500, 7_500], {
      name: 'search',
      type: 'tool',
      statusCode: 2,
      fields: { type: 'tool', error: 'TimeoutError: upstream\u001b[2J took 3 s' },
    }),
    spanOf('http', 'tool', [2_600, 2_610], { name: 'GET', type: 'http' }),
  ]
  const trace = traceOf({ status: 'error', spans: 4, errors: 1, calls: 1, tools: 1, totalTokens: 1_410 })

  it('is drawn with guides, kinds, tokens, bars, durations and errors', () => {
    expect(renderTrace(trace, spans, look)).toEqual([
      '✕ plan-trip  42.1 s · 1 error · 1.4k tokens · 1 call · 1 tool',
      '  5b8efff798038103d269b633813fc60c · 2026-11-22 20:13:29.281',
      '',
      `${' '.repeat(48)}0      10.0 s`,
      '◆ plan-trip                                     ▇▇▇▇▇▇▇▇▇▇▇▇▇   10.0 s',
      '├─ ▣ openai.chat.completion  qwen3    1.2k→210  ▇▇▇             2.50 s',
      '└─ ✕ search                                        ▇▇▇▇▇▇▇      5.00 s',
      '   │ TimeoutError: upstream took 3 s',
      '   └─ ⇄ GET                                        ▏             10 ms',
    ])
  })

  it('gets colours and nothing else when asked for them', () => {
    const colored = renderTrace(trace, spans, { ...look, color: true })
    expect(colored[6]).toContain('\u001b[31m✕\u001b[39m')
    expect(plainLines(colored)).toEqual(renderTrace(trace, spans, look))
  })

  it('is drawn without spans, too', () => {
    expect(renderTrace(traceOf({ spans: 0 }), [], look)).toHaveLength(3)
  })
})

describe('the order of rows', () => {
  it('keeps children outside of the time of their parent where they are', () => {
    const spans = [
      spanOf('late', 'gen', [50, 60]),
      spanOf('gen', 'root', [0, 10]),
      spanOf('root', undefined, [0, 100]),
    ]
    expect(shape(layOut(spans, noFold))).toEqual(['root', '>gen', '>>late'])
    const bars = renderTrace(traceOf(), spans, look)
      .slice(-2)
      .map((line) => [line.indexOf('▇'), line.lastIndexOf('▇')])
    expect(bars[1]?.[0]).toBeGreaterThan(bars[0]?.[1] as number)
  })

  it('puts spans whose parent never came at the top, and says so', () => {
    const spans = [spanOf('a', 'gone', [0, 10]), spanOf('b', 'gone', [20, 30]), spanOf('a1', 'a', [1, 2])]
    expect(shape(layOut(spans, noFold))).toEqual(['a orphan', '>a1', 'b orphan'])
    expect(renderTrace(traceOf({ rootKnown: false }), spans, { ...look, width: 90 }).join('\n')).toMatch(
      /root not received[\s\S]*· a {2}\(parent not received\)/,
    )
  })

  it('draws every span once when parents form a loop', () => {
    const spans = [
      spanOf('a', 'c', [1, 9]),
      spanOf('b', 'a', [0, 9]),
      spanOf('c', 'b', [2, 9]),
      spanOf('below', 'c', [3, 4]),
      spanOf('self', 'self', [5, 6]),
      spanOf('root', undefined, [7, 8]),
    ]
    expect(shape(layOut(spans, noFold))).toEqual(['b loop', '>c', '>>a', '>>below', 'self loop', 'root'])
  })

  it('draws every span exactly once, whatever the parents are', () => {
    const next = seeded(11)
    for (let round = 0; round < 300; round++) {
      const count = 1 + next(60)
      const spans = Array.from({ length: count }, (_, at) =>
        spanOf(`s${at}`, next(6) ? `s${next(count + 3)}` : undefined, [next(100), next(100)], {
          name: `n${next(3)}`,
        }),
      )
      const rows = layOut(spans, { foldAbove: next(2) ? 2 : Number.POSITIVE_INFINITY })
      const drawn = rows.reduce((sum, { fold }) => sum + (fold ? fold.spans.length + fold.below : 1), 0)
      expect(drawn).toBe(count)
    }
  })
})

describe('many siblings of one name', () => {
  const many = [
    spanOf('root', undefined, [0, 1_000]),
    ...Array.from({ length: FOLD_ABOVE + 1 }, (_, at) =>
      spanOf(`t${at}`, 'root', [at, at + 10 + at], { name: 'search', type: 'tool' }),
    ),
    spanOf('in', 't3', [3, 5], { statusCode: 2, fields: { type: 'other', error: 'refused' } }),
    spanOf('other', 'root', [5, 6]),
  ]

  it('fold into one row with count, sum, slowest and errors', () => {
    const lines = renderTrace(traceOf(), many, { ...look, width: 110 })
    expect(lines.slice(5)).toEqual([
      '├─ ✕ search  ×21 · 1 error · slowest 30 ms · 1 span below              ▇                                420 ms',
      '│    refused',
      '└─ · other                                                             ▏                                1.0 ms',
      '',
      '22 spans folded; --all draws each',
    ])
  })

  it('are drawn one by one when all are asked for', () => {
    const lines = renderTrace(traceOf(), many, { ...look, all: true })
    expect(lines.filter((line) => line.includes('search'))).toHaveLength(FOLD_ABOVE + 1)
  })
})

describe('large traces', () => {
  it('of 100,000 spans are drawn', () => {
    const spans = Array.from({ length: 100_000 }, (_, at) =>
      spanOf(`s${at}`, at ? `s${(at - 1) >> 2}` : undefined, [at, at + 5]),
    )
    expect(renderTrace(traceOf(), spans, look)).toHaveLength(100_004)
  })

  it('of 10,000 levels are drawn with bounded indentation', () => {
    const spans = Array.from({ length: 10_000 }, (_, at) =>
      spanOf(`s${at}`, at ? `s${at - 1}` : undefined, [at, 10_000]),
    )
    const lines = renderTrace(traceOf(), spans, look)
    expect(lines).toHaveLength(10_004)
    expect(lines.at(-1)).toContain('9999 ┄└─ · s9999')
  })
})

it('is never wider than the terminal and lets no control sequence through, whatever the data', () => {
  const next = seeded(5)
  for (let round = 0; round < 200; round++) {
    const count = 1 + next(30)
    const spans = Array.from({ length: count }, (_, at) =>
      spanOf(`s${at}`, next(4) ? `s${next(count)}` : undefined, [next(1e6), next(1e6)], {
        name: nastyName(next),
        statusCode: next(3),
        fields: {
          type: 'llm',
          responseModel: nastyName(next),
          error: nastyName(next),
          usage: { input: next(1e9) },
        },
      }),
    )
    const width = 40 + next(120)
    const trace = traceOf({
      name: nastyName(next),
      tags: [nastyName(next)],
      errors: next(3),
      cost: next(100) / 7,
    })
    const lines = renderTrace(trace, spans, { width, color: false })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width)
  }
})
