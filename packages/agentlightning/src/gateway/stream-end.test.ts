import { expect, it } from 'vitest'
import { StreamEnd } from './stream-end.ts'

const event = 'data: {"choices":[{"delta":{"content":"data: [DONE] message_stop"}}]}\n\n'

/** What passes at once, and what waits, for a text in pieces of `size` bytes. */
function split(text: string, size: number): { passed: string; held: string; reached: boolean } {
  const end = new StreamEnd()
  const bytes = Buffer.from(text)
  let passed = ''
  for (let at = 0; at < bytes.length; at += size) passed += end.push(bytes.subarray(at, at + size)) ?? ''
  return { passed, held: String(end.rest() ?? ''), reached: end.reached }
}

it.each([
  ['data: [DONE]\n\n'],
  ['data:[DONE]\r\n\r\n'],
  ['event: message_stop\ndata: {"type":"message_stop"}\n\n'],
  ['event: response.completed\ndata: {"type":"response.completed"}\n\n'],
  ['data: [DONE]\n\n: and more\n\n'],
])('%j waits, wherever it is cut', (last) => {
  for (let size = 1; size <= event.length * 2 + last.length; size++) {
    expect(split(event + event + last, size)).toEqual({ passed: event + event, held: last, reached: true })
  }
})

it('nothing waits that is no end, but for the beginning of a line', () => {
  for (let size = 1; size <= event.length; size++) {
    expect(split(event, size)).toEqual({ passed: event, held: '', reached: false })
  }
  expect(split(`${event}data: [DO`, 7)).toEqual({ passed: event, held: 'data: [DO', reached: false })
  expect(split('event: response.created\n\n', 3).held).toBe('')
})
