import { expect, test } from 'vitest'
import { treeRows } from '../tree.ts'
import { callReader, type SpanMessages } from './call-reader.ts'
import { castOf } from './calls.ts'
import { assistant, someSpan, user } from './testing.ts'

const MB = 1024 * 1024
const empty: SpanMessages = { input: [], output: [] }
const callsOf = (count: number, payloadBytes = 100) =>
  castOf(
    treeRows(
      Array.from({ length: count }, (_, at) => someSpan(`c${at}`, 'llm', [at, at + 1], { payloadBytes })),
    ),
  ).calls
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `c${from + at}`)
const nothing = (spanIds: readonly string[]) => new Map(spanIds.map((id) => [id, empty]))

/** Answers that are given when the test says so. */
function questions() {
  const asked: {
    readonly spanIds: readonly string[]
    /** About the first so many; all where it is not said. */
    readonly answer: (count?: number) => void
    readonly signal: AbortSignal
  }[] = []
  const ask = (spanIds: readonly string[], signal: AbortSignal) =>
    new Promise<ReadonlyMap<string, SpanMessages>>((resolve, reject) => {
      asked.push({ spanIds, answer: (count) => resolve(nothing(spanIds.slice(0, count))), signal })
      signal.addEventListener('abort', () => reject(new Error('stopped')))
    })
  return { asked, ask }
}
const settle = () => new Promise((resolve) => setTimeout(resolve))

test('few calls are asked for first, then many, two requests at a time; they are told in the order of time', async () => {
  const { asked, ask } = questions()
  const reader = callReader(ask)
  reader.look(callsOf(600))
  expect(asked).toEqual([])
  reader.listen(() => {})
  expect(asked.map(({ spanIds }) => spanIds)).toEqual([names(0, 10), names(10, 260)])
  asked[1]?.answer()
  await settle()
  expect(asked[2]?.spanIds).toEqual(names(260, 510))
  expect(reader.progress()).toMatchObject({ left: 600, waits: false })
  asked[0]?.answer()
  await settle()
  expect(asked[3]?.spanIds).toEqual(names(510, 600))
  expect(reader.progress()).toMatchObject({ left: 340, bytesLeft: 34_000 })
})

test('what the server had no room for is asked for again, before what comes later', async () => {
  const { asked, ask } = questions()
  const reader = callReader(ask)
  reader.look(callsOf(12))
  reader.listen(() => {})
  asked[1]?.answer()
  asked[0]?.answer(3)
  await settle()
  expect(asked[2]?.spanIds).toEqual(names(3, 10))
  expect(reader.progress().left).toBe(9)
  asked[2]?.answer()
  await settle()
  expect(reader.progress().left).toBe(0)
  expect(asked.length).toBe(3)
})

test('an answer about nothing is an error, and not asked for without end', async () => {
  let requests = 0
  const reader = callReader(async () => {
    requests++
    return new Map()
  })
  reader.look(callsOf(3))
  reader.listen(() => {})
  await settle()
  expect([...reader.progress().read.values()].every((read) => 'error' in read)).toBe(true)
  expect(requests).toBe(1)
})

test('of much, so much is read, and more when one asks for it; no request asks about much', async () => {
  const asked: (readonly string[])[] = []
  const reader = callReader(async (spanIds) => {
    asked.push(spanIds)
    return nothing(spanIds)
  })
  reader.look(callsOf(20, 3 * MB))
  reader.listen(() => {})
  await settle()
  expect(asked).toEqual([['c0'], ['c1', 'c2'], ['c3', 'c4'], ['c5', 'c6'], ['c7']])
  expect(reader.progress()).toMatchObject({ left: 12, waits: true, bytesLeft: 36 * MB })
  reader.more()
  await settle()
  expect(asked.flat()).toEqual(names(0, 16))
})

test('what could not be read is said, and read again when one asks for it', async () => {
  let works = false
  const reader = callReader(async (spanIds) => {
    if (!works) throw new Error('gone')
    return nothing(spanIds)
  })
  reader.look(callsOf(1))
  reader.listen(() => {})
  await settle()
  expect([...reader.progress().read.values()]).toEqual([{ error: new Error('gone') }])
  works = true
  reader.retry()
  await settle()
  expect([...reader.progress().read.values()]).toEqual([{ messages: { input: [], output: [] } }])
})

test('an error of one span is that of its call alone', async () => {
  const reader = callReader(
    async (spanIds) =>
      new Map(spanIds.map((id) => [id, id === 'c1' ? { error: new Error('removed') } : empty])),
  )
  reader.look(callsOf(3))
  reader.listen(() => {})
  await settle()
  const reads = [...reader.progress().read.values()]
  expect(reads.map((read) => 'error' in read)).toEqual([false, true, false])
})

test('reading stops when no one looks, and goes on where it was', async () => {
  const { asked, ask } = questions()
  const reader = callReader(ask)
  reader.look(callsOf(12))
  const leave = reader.listen(() => {})
  asked[0]?.answer()
  await settle()
  leave()
  expect(asked[1]?.signal.aborted).toBe(true)
  await settle()
  reader.listen(() => {})
  expect(asked.slice(2).map(({ spanIds }) => spanIds)).toEqual([names(10, 12)])
})

test('a span that changed is read again, the others are not', async () => {
  const asked: string[] = []
  const reader = callReader(async (spanIds) => {
    asked.push(...spanIds)
    return nothing(spanIds)
  })
  reader.listen(() => {})
  reader.look(callsOf(2))
  await settle()
  const [first, second] = [someSpan('c0', 'llm', [0, 1]), someSpan('c1', 'llm', [1, 5])]
  reader.look(castOf(treeRows([first, second])).calls)
  await settle()
  expect(asked).toEqual(['c0', 'c1', 'c1'])
})

test('what a call does not say, the spans around it may, the nearest first', async () => {
  const spans = [
    someSpan('outermost', 'llm', [0, 10]),
    someSpan('outer', 'llm', [1, 9], { parentSpanId: 'outermost' }),
    someSpan('inner', 'llm', [2, 8], { parentSpanId: 'outer' }),
    someSpan('other', 'llm', [11, 12]),
  ]
  const said: Readonly<Record<string, SpanMessages>> = {
    outermost: { input: [user('not this')], output: [assistant('nor this')] },
    outer: { input: [user('hi')], output: [assistant('outer')] },
    inner: { input: [], output: [assistant('inner')] },
    other: { input: [user('hi')], output: [assistant('other')] },
  }
  const asked: (readonly string[])[] = []
  const reader = callReader(async (spanIds) => {
    asked.push(spanIds)
    return new Map(spanIds.map((id) => [id, said[id] ?? empty]))
  })
  reader.look(castOf(treeRows(spans)).calls)
  reader.listen(() => {})
  await settle()
  expect(asked).toEqual([['inner', 'other'], ['outer']])
  const [read] = reader.progress().read.values()
  if (!read || !('messages' in read)) throw new Error('it was not read')
  const texts = [...read.messages.input, ...read.messages.output].map(({ atoms }) => atoms[0]?.part)
  expect(texts).toEqual([
    { type: 'text', text: 'hi' },
    { type: 'text', text: 'inner' },
  ])
})
