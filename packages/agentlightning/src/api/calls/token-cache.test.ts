import { expect, test } from 'vitest'
import type { CallTokens } from '../../token-ids/index.ts'
import { TokenCache } from './token-cache.ts'

const tokens: CallTokens = {
  responseId: 'r',
  promptTokenIds: Uint32Array.from([1, 300, 70_000]),
  choices: [
    {
      index: 0,
      responseTokenIds: Uint32Array.from([2]),
      logprobs: Float64Array.from([-0.5]),
      finishReason: 'stop',
    },
    { index: 1, promptTokenIds: Uint32Array.from([9]) },
  ],
  shapes: ['choices[].token_ids'],
  finished: true,
  problems: [],
}

test('gives back what was read, and reads it once', () => {
  const cache = new TokenCache()
  let reads = 0
  const read = (): CallTokens => {
    reads++
    return tokens
  }
  expect(cache.of('a', read)).toEqual(tokens)
  expect(cache.of('a', read)).toEqual(tokens)
  expect(reads).toBe(1)
})

test('forgets the ones asked for longest ago once it is full', () => {
  const cache = new TokenCache()
  let reads = 0
  const read = (): CallTokens => {
    reads++
    return { ...tokens, promptTokenIds: new Uint32Array(3_000_000).fill(70_000) }
  }
  for (const key of ['a', 'b', 'c', 'd']) cache.of(key, read)
  expect(cache.of('d', read).promptTokenIds).toHaveLength(3_000_000)
  expect(reads).toBe(4)
  cache.of('a', read)
  expect(reads).toBe(5)
})
