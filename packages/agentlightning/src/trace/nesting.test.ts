import { expect, test } from 'vitest'
import { eventSpan } from './legacy/event-span.ts'
import { conversationOf } from './messages/conversation.ts'
import { MOST_TEXT_LEVELS, nesting, parseShallow } from './nesting.ts'

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test('levels are counted, not brackets', () => {
  expect(nesting('')).toBe(0)
  expect(nesting('{"a":[1],"b":[{}]}')).toBe(3)
})

test.each([MOST_TEXT_LEVELS, MOST_TEXT_LEVELS + 1, 200_000])(
  'a message that is JSON text of %d levels stays readable',
  (levels) => {
    const value = { stringValue: deep(levels) }
    const attributes = ['gen_ai.input.messages', 'output.value'].map((key) => ({ key, value }))
    const { output } = conversationOf({ attributes, events: [] })
    expect(JSON.stringify(output).length).toBeGreaterThan(2 * levels)
  },
)

test('what is parsed can be written again; brackets in its strings do not count', () => {
  const said = JSON.stringify({ content: '['.repeat(200_000) })
  expect(JSON.stringify(parseShallow(said))).toBe(said)
  expect(parseShallow(deep(MOST_TEXT_LEVELS))).toEqual([expect.anything()])
  for (const levels of [MOST_TEXT_LEVELS + 1, 200_000])
    expect(() => parseShallow(deep(levels))).toThrow('nested too deep')
  const objects = (levels: number) => `${'{"a":[1,'.repeat(levels / 2)}{}${']}'.repeat(levels / 2)}`
  expect(parseShallow(objects(MOST_TEXT_LEVELS - 2))).toEqual({ a: [1, expect.anything()] })
  expect(() => parseShallow(objects(MOST_TEXT_LEVELS))).toThrow('nested too deep')
  expect(() => parseShallow('{')).toThrow(SyntaxError)
})

test('so does a legacy event', () => {
  const place = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), original: '{}', receivedNs: 1n }
  const event = {
    event_type: 'llms',
    prompt: deep(200_000),
    completion: [deep(200_000)],
    returns: deep(200_000),
  }
  const { attributes } = eventSpan(event, place)
  const prompt = attributes.find(({ key }) => key === 'gen_ai.prompt.0.content')
  expect(prompt?.value.stringValue).toBe(event.prompt)
})
