import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assembleReply } from './assemble/index.ts'
import { extractParsed, extractReply } from './extract.ts'
import { json, recorded } from './fixtures/replies.ts'
import { tokensOfReturns } from './legacy.ts'
import { fromPythonRepr } from './python-repr.ts'
import type { CallTokens } from './types.ts'
import { judgeCall } from './verdict/judge.ts'

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    null,
    true,
    '',
    'token_id:x',
    -1,
    1.5,
    2 ** 32,
    1e300,
    [],
    {},
    [[]],
    [null],
    [[1], 'x'],
    [{}],
  ),
)
const plainReplies = recorded
  .filter(({ streamed, name }) => !streamed && !name.includes('err'))
  .map(({ body }) => body)
const streams = recorded.filter(({ streamed }) => streamed).map(({ body }) => body)

/** Every place of a parsed value, as the steps to it. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).slice(0, 30)
  return [path, ...inner.flatMap(([key, member]) => places(member, [...path, key]))]
}

function replaced(value: unknown, [step, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (step === undefined) return by
  if (Array.isArray(value))
    return value.map((item, at) => (at === Number(step) ? replaced(item, rest, by) : item))
  return { ...(value as object), [step]: replaced((value as Record<string, unknown>)[step], rest, by) }
}

function check(tokens: CallTokens): void {
  for (const choice of tokens.choices) expect(choice.responseTokenIds?.length).not.toBe(0)
  expect(tokens.problems.every((problem) => problem.length < 1000)).toBe(true)
  const verdict = judgeCall({ source: 'gateway', outcome: 'complete', status: 200, tokens })
  expect(verdict.sentence).not.toBe('')
}

describe('whatever a server sends', () => {
  it('a reply with any of its values replaced never throws', () => {
    const mutated = fc
      .constantFrom(...plainReplies)
      .map((body) => JSON.parse(body.toString()) as unknown)
      .chain((value) => fc.tuple(fc.constant(value), fc.constantFrom(...places(value)), strange))
      .map(([value, path, by]) => replaced(value, path, by))
    fc.assert(
      fc.property(mutated, (value) => {
        check(extractReply(json(value)))
        assembleReply(json(value))
        check(extractParsed([value, value]))
      }),
      { numRuns: 2000 },
    )
  })

  it('a stream with any of the values of its frames replaced never throws', () => {
    const mutated = fc.constantFrom(...streams).chain((body) => {
      const lines = body.toString().split('\n')
      const numbers = lines.flatMap((line, at) => (line.startsWith('data: {') ? [at] : []))
      return fc.constantFrom(...numbers).chain((at) => {
        const value: unknown = JSON.parse(lines[at]!.slice(6))
        return fc.tuple(fc.constantFrom(...places(value)), strange).map(([path, by]) => {
          const line = `data: ${JSON.stringify(replaced(value, path, by))}`
          return Buffer.from(lines.with(at, line).join('\n'))
        })
      })
    })
    fc.assert(
      fc.property(mutated, (body) => {
        check(extractReply(body, { streamed: true }))
        assembleReply(body)
      }),
      { numRuns: 1000 },
    )
  })

  it('any JSON, any bytes and any text never throw', () => {
    fc.assert(
      fc.property(strange, fc.uint8Array(), fc.string({ unit: 'binary' }), (value, bytes, text) => {
        check(extractParsed(value))
        check(tokensOfReturns(value))
        check(tokensOfReturns(text))
        check(extractReply(bytes))
        check(extractReply(Buffer.from(text)))
        assembleReply(bytes)
        fromPythonRepr(text)
      }),
      { numRuns: 1000 },
    )
  })

  it('names of object members that mean something to JavaScript are only names', () => {
    const body = Buffer.from(
      '{"__proto__":{"choices":[{"token_ids":[1]}]},"constructor":1,"choices":[{"__proto__":[]}]}',
    )
    expect(extractReply(body)).toMatchObject({ choices: [{ index: 0 }], shapes: [] })
    expect(({} as Record<string, unknown>).choices).toBeUndefined()
  })
})
