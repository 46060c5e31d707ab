import { expect, test } from 'vitest'
import { continuationText, idFacts, likelyCause, surprise, tokenTitle } from './facts.ts'

const choice = (ids: number[] | null, logprobs: number[] | null = null) => ({
  index: 0,
  responseTokenIds: ids,
  logprobs,
  finishReason: null,
})

test('counts ids of the prompt and of all choices', () => {
  expect(idFacts({ promptTokenIds: [1, 2], choices: [choice([3]), choice([4, 5], [0, 0])] })).toEqual([
    'prompt 2 ids',
    'response 3 ids',
    '2 choices',
    'logprobs of 1',
  ])
  expect(idFacts({ promptTokenIds: null, choices: [] })).toEqual([
    'prompt without ids',
    'response without ids',
    'no logprobs',
  ])
  const own = { ...choice([3]), promptTokenIds: [1] }
  expect(idFacts({ promptTokenIds: null, choices: [own] })[0]).toBe('prompt 1 id')
})

test('says where a prompt stops being the earlier call, and why that may be', () => {
  const previous = { id: 'a', spanId: 'b', choice: 0, promptLength: 1_000, responseLength: 5, shared: 1_002 }
  expect(continuationText(null)).toBeUndefined()
  expect(continuationText({ ...previous, continues: true })).toMatch(/^continues/)
  expect(continuationText({ ...previous, continues: false })).toBe(
    'stops being the earlier call at id 1,002, in its response',
  )
  expect(continuationText({ ...previous, shared: 7, continues: false })).toMatch(/in its prompt$/)
  expect(likelyCause({ ...previous, continues: false })).toMatch(/tokenized anew/)
  expect(likelyCause({ ...previous, shared: 7, continues: false })).toMatch(/earlier message/)
  expect(likelyCause({ ...previous, shared: 0, continues: false })).toMatch(/another conversation/)
})

test('titles a token with its probability', () => {
  expect(tokenTitle(4517, 1_204, undefined)).toBe('id 4517 · place 1,204')
  expect(tokenTitle(4517, 0, Math.log(0.5))).toBe('id 4517 · place 0 · p 0.500 · logprob -0.6931')
})

test('shades from certain to as good as impossible', () => {
  expect(surprise(0)).toBe(0)
  expect(surprise(-4)).toBe(0.5)
  expect(surprise(-100)).toBe(1)
  expect(surprise(null)).toBe(0)
})
