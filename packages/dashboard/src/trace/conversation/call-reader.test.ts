import { expect, test } from 'vitest'
import type { Conversation } from '../../../../agentlightning/src/trace/messages/types.ts'
import { treeRows } from '../tree.ts'
import { callReader } from './call-reader.ts'
import { castOf } from './calls.ts'
import { assistant, someSpan, user } from './testing.ts'

const MB = 1024 * 1024
const empty: Conversation = { input: [], output: [], tools: [] }
const callsOf = (count: number, payloadBytes = 100) =>
  castOf(
    treeRows(
      Array.from({ length: count }, (_, at) => someSpan(`c${at}`, 'llm', [at, at + 1], { payloadBytes })),
    ),
  ).calls

/** Answers that are given when the test says so. */
function questions() {
  const asked: {
    spanId: string
    answer: (with_: Conversation) => void
    fail: () => void
    signal: AbortSignal
  }[] = []
  const ask = (spanId: string, signal: AbortSignal) =>
    new Promise<Conversation>((answer, reject) => {
      asked.push({ spanId, answer, fail: () => reject(new Error('no')), signal })
      signal.addEventListener('abort', () => reject(new Error('stopped')))
    })
  return { asked, ask }
}
const settle = () => new Promise((resolve) => setTimeout(resolve))

test('calls are asked for four at a time, and told in the order of time', async () => {
  const { asked, ask } = questions()
  const reader = callReader(ask)
  reader.look(callsOf(6))
  expect(asked).toEqual([])
  reader.listen(() => {})
  expect(asked.map(({ spanId }) => spanId)).toEqual(['c0', 'c1', 'c2', 'c3'])
  asked[1]?.answer(empty)
  await settle()
  expect(asked.length).toBe(5)
  expect(reader.progress()).toMatchObject({ left: 6, waits: false })
  asked[0]?.answer(empty)
  await settle()
  expect(reader.progress()).toMatchObject({ left: 4, bytesLeft: 400 })
})

test('of much, so much is read, and more when one asks for it', async () => {
  const asked: string[] = []
  const reader = callReader(async (spanId) => {
    asked.push(spanId)
    return empty
  })
  reader.look(callsOf(10, 10 * MB))
  reader.listen(() => {})
  await settle()
  expect(asked).toEqual(['c0', 'c1', 'c2'])
  expect(reader.progress()).toMatchObject({ left: 7, waits: true, bytesLeft: 70 * MB })
  reader.more()
  await settle()
  expect(asked.length).toBe(5)
})

test('what could not be read is said, and read again when one asks for it', async () => {
  let works = false
  const reader = callReader(async () => {
    if (!works) throw new Error('gone')
    return empty
  })
  const [call] = callsOf(1)
  reader.look(call ? [call] : [])
  reader.listen(() => {})
  await settle()
  expect([...reader.progress().read.values()]).toEqual([{ error: new Error('gone') }])
  works = true
  reader.retry()
  await settle()
  expect([...reader.progress().read.values()]).toEqual([{ messages: { input: [], output: [] } }])
})

test('reading stops when no one looks, and goes on where it was', async () => {
  const { asked, ask } = questions()
  const reader = callReader(ask)
  reader.look(callsOf(3))
  const leave = reader.listen(() => {})
  asked[0]?.answer(empty)
  await settle()
  leave()
  expect(asked.slice(1).every(({ signal }) => signal.aborted)).toBe(true)
  await settle()
  reader.listen(() => {})
  expect(asked.slice(3).map(({ spanId }) => spanId)).toEqual(['c1', 'c2'])
})

test('a span that changed is read again, the others are not', async () => {
  const asked: string[] = []
  const reader = callReader(async (spanId) => {
    asked.push(spanId)
    return empty
  })
  reader.listen(() => {})
  reader.look(callsOf(2))
  await settle()
  const [first, second] = [someSpan('c0', 'llm', [0, 1]), someSpan('c1', 'llm', [1, 5])]
  reader.look(castOf(treeRows([first, second])).calls)
  await settle()
  expect(asked).toEqual(['c0', 'c1', 'c1'])
})

test('what a call does not say, the span around it may', async () => {
  const outer = someSpan('outer', 'llm', [0, 9])
  const inner = someSpan('inner', 'llm', [1, 8], { parentSpanId: 'outer' })
  const reader = callReader(async (spanId) =>
    spanId === 'outer'
      ? { input: [user('hi')], output: [assistant('outer')], tools: [] }
      : { input: [], output: [assistant('inner')], tools: [] },
  )
  reader.look(castOf(treeRows([outer, inner])).calls)
  reader.listen(() => {})
  await settle()
  const [read] = reader.progress().read.values()
  if (!read || !('messages' in read)) throw new Error('it was not read')
  const texts = [...read.messages.input, ...read.messages.output].map(({ atoms }) => atoms[0]?.part)
  expect(texts).toEqual([
    { type: 'text', text: 'hi' },
    { type: 'text', text: 'inner' },
  ])
})
