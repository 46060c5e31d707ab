import { expect, test } from 'vitest'
import { runOfTags, runTag } from './run-tag.ts'

test('a run is read from the tag that is written for it', () => {
  expect(runOfTags(['nightly', runTag('u=1'), 'other'])).toBe('u=1')
})

test('tags of no run, of an empty one and of several name none', () => {
  expect(runOfTags(['nightly', 'agl.run', 'agl.run='])).toBeUndefined()
  expect(runOfTags([runTag('a'), runTag('b')])).toBeUndefined()
  expect(runOfTags([runTag('a'), runTag('a')])).toBe('a')
})
