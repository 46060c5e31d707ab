import { expect, test } from 'vitest'
import { treeRows } from '../tree.ts'
import { messageReader } from './atoms.ts'
import { castOf } from './calls.ts'
import { isSameCallLine, isSameEntry } from './same.ts'
import { ask, assistant, result, someSpan, user } from './testing.ts'
import { lanesOf } from './thread.ts'
import { withToolUses } from './tool-uses.ts'

test('what is read later changes only the rows that it touches', () => {
  const read = messageReader()
  const spans = [1, 2, 3].map((at) => someSpan(`c${at}`, 'llm', [at * 10, at * 10 + 5]))
  const { calls, tools } = castOf(treeRows(spans))
  const asked = ask(['find', 'x'])
  const messages = [
    { input: [user('q')], output: [asked] },
    { input: [user('q'), asked, result('14', 'x')], output: [assistant('done')] },
    { input: [user('q')], output: [assistant('other')] },
  ].map(read)
  const turns = (count: number) =>
    withToolUses(
      lanesOf(
        calls.slice(0, count).map((call, at) => ({
          ...call,
          number: at + 1,
          messages: messages[at] ?? { input: [], output: [] },
        })),
      ),
      tools,
    )[0]?.turns ?? []
  const [one, two, three] = [turns(1), turns(2), turns(3)]
  const first = (list: typeof one) => list[0]?.fresh[0] as NonNullable<(typeof one)[0]['fresh'][0]>
  const answer = (list: typeof one, at: number) =>
    list[at]?.answers[0] as NonNullable<(typeof one)[0]['answers'][0]>
  expect(first(one)).not.toBe(first(two))
  expect(isSameEntry(first(one), first(two))).toBe(true)
  expect(isSameEntry(answer(one, 0), answer(two, 0))).toBe(false)
  expect(isSameEntry(answer(two, 0), answer(three, 0))).toBe(true)
  expect(isSameEntry(answer(two, 1), answer(two, 0))).toBe(false)
  expect(isSameCallLine(one[0] as (typeof one)[0], three[0] as (typeof one)[0])).toBe(true)
  expect(isSameCallLine(two[1] as (typeof one)[0], two[0] as (typeof one)[0])).toBe(false)
})
