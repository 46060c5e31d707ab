import { expect, it } from 'vitest'
import { nastyName, plainLines, S, seeded, T0, traceOf } from './samples.ts'
import { renderTraces } from './table.ts'
import { textWidth } from './text.ts'

const nowNs = T0 + 60n * S
const list = [
  traceOf({
    agent: 'planner',
    startNs: nowNs - 12n * S,
    endNs: nowNs - 12n * S + 42_100_000_000n,
    totalTokens: 31_200,
    cost: 0.041,
    models: ['qwen3', 'gpt-4o'],
    calls: 18,
    callsWithIds: 18,
  }),
  traceOf({
    traceId: 'aa11bb22cc33dd44aa11bb22cc33dd44',
    name: 'book-hotel',
    status: 'error',
    service: 'hotels',
    error: 'search_hotels: TimeoutError: upstream took 3 s',
    startNs: nowNs - 61n * S,
    endNs: nowNs - 57_100_000_000n,
    totalTokens: 2_100,
    cost: 0.0021,
    models: ['qwen3'],
    calls: 3,
    callsWithIds: 1,
  }),
  traceOf({ name: 'plan-trip', status: 'running', startNs: nowNs, endNs: nowNs + 8_400_000_000n }),
]

it('draws one aligned line for each trace, its error beneath it', () => {
  expect(renderTraces(list, { width: 110, color: false, nowNs })).toEqual([
    '  name        agent     started    took  tokens     cost  models     ids  trace',
    '● plan-trip   planner  12 s ago  42.1 s   31.2k   $0.041  qwen3 +1  100%  5b8efff7',
    '✕ book-hotel  hotels    1 m ago  3.90 s    2.1k  $0.0021  qwen3      33%  aa11bb22',
    '  └ search_hotels: TimeoutError: upstream took 3 s',
    '◌ plan-trip                 now  8.40 s       –        –                  5b8efff7',
  ])
})

it('leaves out what is worth least in a narrow terminal, never the name or the id', () => {
  const [title, first] = renderTraces(list, { width: 40, color: false, nowNs }) as [string, string]
  expect(title).toBe('  name         started    took  trace')
  expect(first).toBe('● plan-trip   12 s ago  42.1 s  5b8efff7')
})

it('leaves out columns that would be empty for all', () => {
  const [title] = renderTraces([traceOf()], { width: 200, color: false, nowNs })
  expect(title).toBe('  name       started    took  tokens  cost  trace')
})

it('draws nothing for no traces', () => {
  expect(renderTraces([], { width: 80, color: true, nowNs })).toEqual([])
})

it('adds colours and nothing else when asked for them', () => {
  const colored = renderTraces(list, { width: 90, color: true, nowNs })
  expect(colored[2]).toContain('\u001b[31m✕\u001b[39m')
  expect(plainLines(colored)).toEqual(renderTraces(list, { width: 90, color: false, nowNs }))
})

it('is never wider than the terminal and lets no control sequence through, whatever the data', () => {
  const next = seeded(3)
  for (let round = 0; round < 200; round++) {
    const traces = Array.from({ length: 1 + next(5) }, () =>
      traceOf({
        name: nastyName(next),
        agent: nastyName(next),
        models: Array.from({ length: next(3) }, () => nastyName(next)),
        error: next(2) ? nastyName(next) : undefined,
        status: next(2) ? 'error' : 'ok',
        totalTokens: next(2) ? next(1e9) : undefined,
        calls: next(3),
        callsWithIds: next(3),
      }),
    )
    const width = 40 + next(120)
    const lines = renderTraces(traces, { width, color: false, nowNs })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width)
  }
})
