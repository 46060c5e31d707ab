import { expect, test } from 'vitest'
import { Random } from './fixtures/random.ts'
import { createKeyTable } from './key-table.ts'

test('finds every key it was given, and nothing else, anywhere in a body', () => {
  const random = new Random(1)
  const names = new Set(['', 'a', 'ü', 'gen_ai.request.model', 'gen_ai.response.model'])
  while (names.size < 400) names.add(`gen_ai.${random.int(1e6)}.${'x'.repeat(random.int(30))}`)
  const table = createKeyTable([...names].map((name, number) => [name, number] as const))
  for (const [number, name] of [...names].entries()) {
    const body = Buffer.from(`..${name}..`)
    expect(table.match(body, 2, body.length - 2)).toBe(number)
    expect(table.match(body, 1, body.length - 2)).toBeUndefined()
    const other = Buffer.from(`${name}y`)
    expect(table.match(other, 0, other.length)).toBeUndefined()
  }
  expect(table.entries.get('a')).toBe(1)
})

test('keeps the last entry of a key given twice, and works without any', () => {
  const table = createKeyTable([
    ['k', 1],
    ['k', 2],
  ])
  expect(table.match(Buffer.from('k'), 0, 1)).toBe(2)
  expect(createKeyTable([]).match(Buffer.from('k'), 0, 1)).toBeUndefined()
})

test('tells keys apart that share length, ends and samples', () => {
  const table = createKeyTable([['abcdefghijklmnopqrstuvwxyz', 1]])
  const near = Buffer.from('aXcdefghijklmnopqrstuvwxyz')
  expect(table.match(near, 0, near.length)).toBeUndefined()
})
