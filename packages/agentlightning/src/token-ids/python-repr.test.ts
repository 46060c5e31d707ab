import { describe, expect, it } from 'vitest'
import { fromPythonRepr } from './python-repr.ts'

describe('what Python prints', () => {
  it.each([
    [
      "{'a': None, 'b': [True, False], 'c': 'it\\'s', \"d\": (1, 2.5, -3e-05)}",
      { a: null, b: [true, false], c: "it's", d: [1, 2.5, -3e-5] },
    ],
    ["[{'token_ids': [40, 41], 'text': \"don't\"}]", [{ token_ids: [40, 41], text: "don't" }]],
    ["'\\n\\t\\\\ \\x41 \\u00e9 \\U0001f600'", '\n\t\\ A é 😀'],
    [
      "ChatCompletion(id='c-1', choices=[Choice(index=0, token_ids=[1])])",
      { id: 'c-1', choices: [{ index: 0, token_ids: [1] }] },
    ],
    ['[]', []],
    ['{}', {}],
    ['(1,)', [1]],
    ['{1: 2}', { 1: 2 }],
    [' 7 ', 7],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['[nan]', [Number.NaN]],
  ])('is read: %s', (text, value) => {
    expect(fromPythonRepr(text)).toEqual(value)
  })

  it.each([
    '[1, 2',
    "{'a' 1}",
    "'open",
    '<Choice object at 0x7f>',
    '[1 2]',
    '',
    "'\\x4'",
    "'\\U00110000'",
    'Nothing',
    '1 2',
  ])('cut or not Python at all is nothing: %s', (text) => {
    expect(fromPythonRepr(text)).toBeUndefined()
  })

  it('nested too deep is nothing, and no crash', () => {
    expect(fromPythonRepr('['.repeat(100_000))).toBeUndefined()
    expect(fromPythonRepr(`${'['.repeat(50)}${']'.repeat(50)}`)).toBeDefined()
  })
})
