import { expect, test } from 'vitest'
import { continuationOf } from './continuation.ts'
import type { CallTokens } from './types.ts'

const ids = (...all: number[]): Uint32Array => Uint32Array.from(all)

function call(prompt: number[] | undefined, ...responses: (number[] | undefined)[]): CallTokens {
  return {
    ...(prompt ? { promptTokenIds: ids(...prompt) } : {}),
    choices: responses.map((response, index) => ({
      index,
      ...(response ? { responseTokenIds: ids(...response) } : {}),
    })),
    shapes: [],
    finished: true,
    problems: [],
  }
}

test('a prompt that begins with all of the earlier call continues it', () => {
  expect(continuationOf(ids(1, 2, 3, 4, 5), call([1, 2], [3, 4]))).toEqual({
    choice: 0,
    promptLength: 2,
    responseLength: 2,
    shared: 4,
    continues: true,
  })
  expect(continuationOf(ids(1, 2, 3), call([1, 2], [3]))).toMatchObject({ continues: true })
})

test('the first difference is told with what stands there on both sides', () => {
  expect(continuationOf(ids(1, 2, 3, 9, 5), call([1, 2], [3, 4]))).toMatchObject({
    shared: 3,
    continues: false,
    here: [9, 5],
    there: [4],
  })
  expect(continuationOf(ids(1, 7), call([1, 2], [3]))).toMatchObject({ shared: 1, here: [7], there: [2, 3] })
})

test('a prompt that ends before the earlier call does differs there', () => {
  expect(continuationOf(ids(1, 2), call([1, 2], [3]))).toMatchObject({ shared: 2, here: [], there: [3] })
})

test('of several choices the one counts that shares most', () => {
  expect(continuationOf(ids(1, 5, 6, 9), call([1], [4], [5, 6], undefined))).toMatchObject({
    choice: 1,
    continues: true,
  })
})

test('without ids there is nothing to compare', () => {
  expect(continuationOf(ids(1), call(undefined, [2]))).toBeUndefined()
  expect(continuationOf(ids(1), call([1], undefined))).toBeUndefined()
})

test('a choice with a prompt of its own is compared with that', () => {
  const own: CallTokens = {
    ...call(undefined),
    choices: [{ index: 0, promptTokenIds: ids(8), responseTokenIds: ids(9) }],
  }
  expect(continuationOf(ids(8, 9, 1), own)).toMatchObject({ continues: true, promptLength: 1 })
})
