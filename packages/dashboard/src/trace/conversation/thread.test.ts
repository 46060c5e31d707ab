import { describe, expect, test } from 'vitest'
import { ask, assistant, lanesFrom, linesOf, result, type Said, someSpan, system, user } from './testing.ts'

/** Calls one after the other, none within another span. */
const inARow = (said: Said) =>
  lanesFrom(
    Object.keys(said).map((id, at) => someSpan(id, 'llm', [at * 10, at * 10 + 5], { parentSpanId: 'root' })),
    said,
  )

const [s, q, a, q2] = [system('be brief'), user('hotel?'), assistant('where?'), user('Kyoto')]

describe('what was said before', () => {
  test('is not said again by the next call', () => {
    const lanes = inARow({
      c1: { input: [s, q], output: [a] },
      c2: { input: [s, q, a, q2], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      'system: be brief',
      'user: hotel?',
      '#1',
      'assistant: where?',
      'user: Kyoto',
      '#2 +3',
      'assistant: done',
    ])
  })

  test('is the same with other spacing, other order of arguments, and without its thoughts', () => {
    const answer = {
      role: 'assistant',
      parts: [
        { type: 'reasoning' as const, text: 'let me see' },
        { type: 'text' as const, text: 'Looking it up.\n' },
        { type: 'toolCall' as const, id: 'a', name: 'find', arguments: '{"b":1,"a":[1,2]}' },
      ],
    }
    const sentBack = {
      role: 'assistant',
      parts: [
        { type: 'text' as const, text: 'Looking it up.' },
        { type: 'toolCall' as const, id: 'a', name: 'find', arguments: '{ "a": [1, 2], "b": 1 }' },
      ],
    }
    const lanes = inARow({
      c1: { input: [q], output: [answer] },
      c2: { input: [q, sentBack, result('14', 'a')], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      'user: hotel?',
      '#1',
      'assistant: let me see | Looking it up. | find() = 14',
      '#2 +2',
      'assistant: done',
    ])
  })

  test('is the same in pieces: one answer sent back as several messages', () => {
    const lanes = inARow({
      c1: { input: [q], output: [{ role: 'assistant', parts: [...a.parts, ...ask(['find', 'x']).parts] }] },
      c2: { input: [q, a, ask(['find', 'x']), result('ok', 'x')], output: [assistant('done')] },
    })
    expect(linesOf(lanes)[2]).toBe('assistant: where? | find() = ok')
    expect(linesOf(lanes)[3]).toBe('#2 +3')
  })

  test('may be said once more: a second yes is a message of its own', () => {
    const [yes, ok] = [user('yes'), assistant('ok')]
    const lanes = inARow({
      c1: { input: [yes], output: [ok] },
      c2: { input: [yes, ok, yes], output: [ok] },
      c3: { input: [yes, ok, yes, ok, yes], output: [ok] },
    })
    expect(linesOf(lanes)).toEqual([
      'user: yes',
      '#1',
      'assistant: ok',
      'user: yes',
      '#2 +2',
      'assistant: ok',
      'user: yes',
      '#3 +4',
      'assistant: ok',
    ])
  })

  test('is known also where the answer is never sent back', () => {
    const lanes = inARow({
      c1: { input: [s, q], output: [ask(['find'])] },
      c2: { input: [s, q, result('14 hotels')], output: [ask(['book'])] },
      c3: { input: [s, q, result('booked')], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      'system: be brief',
      'user: hotel?',
      '#1',
      'assistant: find() = 14 hotels',
      '#2 +2 -1',
      'assistant: book() = booked',
      '#3 +2 -2',
      'assistant: done',
    ])
  })
})

test('a streamed answer is gone on from though its span ends after the next call began', () => {
  const spans = [
    someSpan('c1', 'llm', [0, 50], { parentSpanId: 'root' }),
    someSpan('c2', 'llm', [40, 90], { parentSpanId: 'root' }),
    someSpan('c3', 'llm', [80, 0], { parentSpanId: 'root' }),
  ]
  const lanes = lanesFrom(spans, {
    c1: { input: [s, q], output: [a] },
    c2: { input: [s, q, a, q2], output: [assistant('which?')] },
    c3: { input: [s, q, a, q2, assistant('which?'), user('any')] },
  })
  expect(linesOf(lanes).slice(4)).toEqual(['user: Kyoto', '#2 +3', 'assistant: which?', 'user: any', '#3 +5'])
})

describe('a history that was changed', () => {
  test('shows the message that took the place of another, and says what is gone', () => {
    const lanes = inARow({
      c1: { input: [s, q], output: [a] },
      c2: { input: [s, user('hotel in Japan?'), a, q2], output: [assistant('done')] },
    })
    expect(linesOf(lanes).slice(4)).toEqual([
      'user (edited): hotel in Japan?',
      'user: Kyoto',
      '#2 +2 -1',
      'assistant: done',
    ])
  })

  test('shows a result that was cut short later, and keeps the first one at its call', () => {
    const lanes = inARow({
      c1: { input: [q], output: [ask(['find', 'x'])] },
      c2: { input: [q, ask(['find', 'x']), result('a long list', 'x')], output: [a] },
      c3: { input: [q, ask(['find', 'x']), result('(removed)', 'x'), a, q2], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      'user: hotel?',
      '#1',
      'assistant: find() = a long list',
      '#2 +2',
      'assistant: where?',
      'tool (edited): (removed)',
      'user: Kyoto',
      '#3 +3 -1',
      'assistant: done',
    ])
  })

  test('that lost its beginning goes on, and what comes back later is not new', () => {
    const lanes = inARow({
      c1: { input: [s, q], output: [a] },
      c2: { input: [s, q, a, q2], output: [assistant('which?')] },
      c3: { input: [s, assistant('which?'), user('any')], output: [assistant('ok')] },
      c4: { input: [s, q, assistant('which?'), user('any'), assistant('ok'), user('thanks')], output: [] },
    })
    expect(linesOf(lanes).slice(7)).toEqual([
      'user: any',
      '#3 +2 -3',
      'assistant: ok',
      'user: thanks',
      '#4 +5',
    ])
  })
})

describe('the same asked again', () => {
  test('one after the other is one lane with several answers', () => {
    const lanes = inARow({
      c1: { input: [s, q], output: [] },
      c2: { input: [s, q], output: [a] },
      c3: { input: [s, q, a, q2], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      'system: be brief',
      'user: hotel?',
      '#1',
      '#2 +2 again',
      'assistant: where?',
      'user: Kyoto',
      '#3 +3',
      'assistant: done',
    ])
  })

  test('at the same time is a lane for each, also where they go on by turns', () => {
    const [a1, a2] = [assistant('one'), assistant('two')]
    const spans = [
      someSpan('c1', 'llm', [0, 5], { parentSpanId: 'root' }),
      someSpan('c2', 'llm', [6, 9], { parentSpanId: 'root' }),
      someSpan('c3', 'llm', [10, 15], { parentSpanId: 'root' }),
      someSpan('c4', 'llm', [11, 16], { parentSpanId: 'root' }),
    ]
    const lanes = lanesFrom(spans, {
      c1: { input: [s, q], output: [a1] },
      c2: { input: [s, q], output: [a2] },
      c3: { input: [s, q, a1, user('first')], output: [assistant('x')] },
      c4: { input: [s, q, a2, user('second')], output: [assistant('y')] },
    })
    expect(lanes.map(({ branch }) => branch && [branch.from.number, branch.messages])).toEqual([
      undefined,
      [1, 2],
    ])
    expect(linesOf(lanes)).toEqual([
      '> c1',
      'system: be brief',
      'user: hotel?',
      '#1',
      'assistant: one',
      'user: first',
      '#3 +3',
      'assistant: x',
      '> c2',
      '#2 +2',
      'assistant: two',
      'user: second',
      '#4 +3',
      'assistant: y',
    ])
  })

  test('with the same answers, which only the ids of their tool calls tell apart', () => {
    const parallel = (id: string, from: number) =>
      someSpan(id, 'llm', [from, from + 9], { parentSpanId: 'root' })
    const [first, second] = [ask(['find', 'x1']), ask(['find', 'y1'])]
    const lanes = lanesFrom([parallel('a1', 0), parallel('b1', 1), parallel('a2', 20), parallel('b2', 21)], {
      a1: { input: [q], output: [first] },
      b1: { input: [q], output: [second] },
      a2: { input: [q, first, result('A', 'x1')], output: [assistant('a')] },
      b2: { input: [q, second, result('B', 'y1')], output: [assistant('b')] },
    })
    expect(linesOf(lanes)).toEqual([
      '> a1',
      'user: hotel?',
      '#1',
      'assistant: find() = A',
      '#3 +2',
      'assistant: a',
      '> b1',
      '#2 +1',
      'assistant: find() = B',
      '#4 +2',
      'assistant: b',
    ])
  })

  test('with several choices: each is shown, the one that was taken goes on, the others are not missed', () => {
    const choice = (text: string) => ({ ...assistant(text), finishReason: 'stop' })
    const lanes = inARow({
      c1: { input: [q], output: [choice('one'), choice('two')] },
      c2: { input: [q, assistant('two'), q2], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      'user: hotel?',
      '#1',
      'assistant 1/2: one',
      'assistant 2/2: two',
      'user: Kyoto',
      '#2 +2',
      'assistant: done',
    ])
  })
})

describe('agents', () => {
  const agent = (id: string, from: number, to: number, parentSpanId?: string) =>
    someSpan(id, 'agent', [from, to], parentSpanId === undefined ? {} : { parentSpanId })

  test('that work at the same time have a lane each, within the one that called them', () => {
    const spans = [
      agent('planner', 0, 100),
      someSpan('p1', 'llm', [1, 10], { parentSpanId: 'planner' }),
      agent('hotels', 11, 50, 'planner'),
      someSpan('h1', 'llm', [12, 20], { parentSpanId: 'hotels' }),
      agent('trains', 11, 50, 'planner'),
      someSpan('t1', 'llm', [13, 22], { parentSpanId: 'trains' }),
      someSpan('h2', 'llm', [25, 30], { parentSpanId: 'hotels' }),
      someSpan('t2', 'llm', [26, 31], { parentSpanId: 'trains' }),
      someSpan('p2', 'llm', [60, 70], { parentSpanId: 'planner' }),
    ]
    const plan = ask(['hotels', '1'], ['trains', '2'])
    const lanes = lanesFrom(spans, {
      p1: { input: [s, q], output: [plan] },
      // Both are given the question as it is: it is theirs as well.
      h1: { input: [system('hotels'), q], output: [a] },
      t1: { input: [system('trains'), q], output: [a] },
      h2: { input: [system('hotels'), q, a, user('2')], output: [assistant('Ryokan')] },
      t2: { input: [system('trains'), q, a, user('2')], output: [assistant('Nozomi')] },
      p2: { input: [s, q, plan, result('Ryokan', '1'), result('Nozomi', '2')], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      '> planner',
      'system: be brief',
      'user: hotel?',
      '#1',
      'assistant: hotels() = Ryokan | trains() = Nozomi',
      '  > hotels',
      '  system: hotels',
      '  user: hotel?',
      '  #2',
      '  assistant: where?',
      '  user: 2',
      '  #4 +3',
      '  assistant: Ryokan',
      '  > trains',
      '  system: trains',
      '  user: hotel?',
      '  #3',
      '  assistant: where?',
      '  user: 2',
      '  #5 +3',
      '  assistant: Nozomi',
      '#6 +3',
      'assistant: done',
    ])
  })

  test('that take over with the whole history stay in its lane', () => {
    const spans = [
      agent('run', 0, 100),
      agent('triage', 0, 10, 'run'),
      someSpan('c1', 'llm', [1, 5], { parentSpanId: 'triage' }),
      agent('booking', 11, 20, 'run'),
      someSpan('c2', 'llm', [12, 15], { parentSpanId: 'booking' }),
    ]
    const hand = ask(['transfer', 'h'])
    const lanes = lanesFrom(spans, {
      c1: { input: [system('triage'), q], output: [hand] },
      c2: { input: [system('booking'), q, hand, result('ok', 'h')], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      'system: triage',
      'user: hotel?',
      '#1',
      'assistant: transfer() = ok',
      'system (edited): booking',
      '#2 +2 -1',
      'assistant: done',
    ])
  })

  test('a question beside the conversation stands where it was asked', () => {
    const lanes = inARow({
      c1: { input: [s, q], output: [a] },
      c2: { input: [system('name this chat'), user('hotel? where?')], output: [assistant('Hotels')] },
      c3: { input: [s, q, a, q2], output: [assistant('done')] },
    })
    expect(linesOf(lanes)).toEqual([
      '> c1',
      'system: be brief',
      'user: hotel?',
      '#1',
      'assistant: where?',
      '  > c2',
      '  system: name this chat',
      '  user: hotel? where?',
      '  #2',
      '  assistant: Hotels',
      'user: Kyoto',
      '#3 +3',
      'assistant: done',
    ])
  })
})

describe('time', () => {
  test('a thousand calls that each repeat all before are a thread within a moment', () => {
    const said: Record<string, Said[string]> = {}
    const history = [s]
    for (let at = 0; at < 1000; at++) {
      history.push(user(`question ${at}`))
      const answer = assistant(`answer ${at}`)
      said[`c${at}`] = { input: [...history], output: [answer] }
      history.push(answer)
    }
    const begun = performance.now()
    const lanes = inARow(said)
    console.log(`1,000 calls, 1,000,000 messages: ${Math.round(performance.now() - begun)} ms`)
    expect(lanes.length).toBe(1)
    expect(linesOf(lanes).length).toBe(3001)
  })
})
