import { expect, test } from 'vitest'
import { describe } from './describe.ts'

test('known and unknown members become aligned lines with units', () => {
  const text = describe({
    store: 'sqlite',
    uptimeSeconds: 1.25,
    left: undefined,
    log: { bytes: 1_500_000, maxDiskBytes: 10_000_000_000, lagMs: 3 },
    projects: [{ id: 'a', traces: 1 }, 'plain'],
    empty: [],
    nothing: null,
  })
  expect(text).toBe(
    [
      'store    sqlite',
      'uptime   1.3 s',
      'log',
      '  bytes     1.5 MB',
      '  max disk  10 GB',
      '  lag       3 ms',
      'projects',
      '  - id      a',
      '    traces  1',
      '  - plain',
      'empty    none',
      'nothing  –',
    ].join('\n'),
  )
})

test('long lists are cut and control characters do not reach the terminal', () => {
  const lines = describe({ many: Array.from({ length: 30 }, (_, i) => i) }).split('\n')
  expect(lines).toHaveLength(22)
  expect(lines.at(-1)).toBe('  … 10 more')
  expect(describe({ 'a\u001b[31m': '\u001b]0;title\u0007x' })).not.toContain('\u001b')
})
