import { describe, expect, it } from 'vitest'
import { cutPlain } from './cut-plain.ts'
import { ids, object } from './rules/common.ts'
import type { CutRule } from './types.ts'

function cut(text: string, ...rules: CutRule[]): string {
  return Buffer.concat(cutPlain(Buffer.from(text), { rules })).toString()
}

const a = ids('remove', 'a')
const b = ids('remove', 'b')

describe('cutPlain', () => {
  it.each([
    ['{"a":[1],"x":1,"y":2}', '{"x":1,"y":2}'],
    ['{"x":1,"a":[1],"y":2}', '{"x":1,"y":2}'],
    ['{"x":1,"y":2,"a":[1]}', '{"x":1,"y":2}'],
    ['{"a":[1],"b":[2],"x":1}', '{"x":1}'],
    ['{"x":1,"a":[1],"b":[2]}', '{"x":1}'],
    ['{"a":[1],"x":1,"b":[2]}', '{"x":1}'],
    ['{ "a" : [1] , "b":[] }', '{}'],
    ['{"x": 1, "a": [1, 2], "y": 2}', '{"x": 1, "y": 2}'],
    ['{\n  "a": [\n    1\n  ],\n  "x": 1\n}\n', '{\n  "x": 1\n}\n'],
    ['{"a":[1],"a":[2],"x":1}', '{"x":1}'],
    ['{"\\u0061":[1],"x":1}', '{"x":1}'],
    ['\ufeff{"a":[1],"x":1}', '\ufeff{"x":1}'],
  ])('removes members with their commas: %s', (text, expected) => {
    expect(cut(text, a, b)).toBe(expected)
  })

  it('understands the numbers that Python writes', () => {
    const odd = '{"x":[0.5, -Infinity, 1,-Infinity,NaN,-1],"y":Infinity'
    expect(cut(`${odd},"a":[1]}`, a)).toBe(`${odd}}`)
  })

  it('prunes a parent of which nothing is left, and only then', () => {
    const rules = [ids('prune', 'p', 'in'), ids('prune', 'p', 'out')]
    expect(cut('{"x":1,"p":{"in":[1],"out":[[2]]},"y":1}', ...rules)).toBe('{"x":1,"y":1}')
    expect(cut('{"x":1,"p":{"in":[1],"k":1,"out":[2]}}', ...rules)).toBe('{"x":1,"p":{"k":1}}')
    expect(cut('{"p":{},"x":1}', ...rules)).toBe('{"p":{},"x":1}')
    expect(cut('{"p":{"in":[]},"x":1}', ...rules)).toBe('{"x":1}')
  })

  it('puts null or an empty list in place, and leaves null as it is', () => {
    const rules = [ids('null', 'a'), ids('emptyArray', 'o', 'b')]
    expect(cut('{"a":[[1]],"o":{"b":[1, 2]}}', ...rules)).toBe('{"a":null,"o":{"b":[]}}')
    expect(cut('{"a":null,"o":null}', ...rules)).toBe('{"a":null,"o":null}')
  })

  it.each([
    '',
    'text',
    '[{"a":[1]}]',
    '{"a":{"x":1}}',
    '{"a":"text"}',
    '{"a":[1]}}',
    '{"a":[1',
    '{"a":[1,]}',
    '{"a":[1],"x":nul}',
    '{"a":[1],"o":[]}',
    `{"a":${'['.repeat(1000)}`,
  ])('passes what is not foreseen: %j', (text) => {
    expect(cut(text, a, object('remove', 'o'))).toBe(text)
  })

  it('gives the body itself where nothing is to be cut', () => {
    const body = Buffer.from('{"x":[1]}')
    expect(cutPlain(body, { rules: [a] })[0]).toBe(body)
  })
})
