import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SseEvent, SseParser } from './sse-parser.ts'

function parse(...chunks: (string | Uint8Array)[]): SseEvent[] {
  const parser = new SseParser()
  const events = chunks.flatMap((chunk) =>
    parser.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
  )
  return [...events, ...parser.end()]
}

describe('an event stream', () => {
  it('joins the data lines of an event and keeps its name', () => {
    expect(parse('event: sglext_ids\ndata: {"a":\ndata:1}\n\ndata: x\n\n')).toEqual([
      { event: 'sglext_ids', data: '{"a":\n1}' },
      { data: 'x' },
    ])
  })

  it('passes over comments, other fields and events without data', () => {
    expect(parse(': hi\nid: 1\nretry: 5\n\nevent: none\n\ndata: x\n\n')).toEqual([{ data: 'x' }])
  })

  it('takes exactly one space after the colon', () => {
    expect(parse('data:  x\ndata\n\n')).toEqual([{ data: ' x\n' }])
  })

  it('ends lines at CR, LF and CRLF, also between two chunks', () => {
    expect(parse('data: a\r', '\ndata: b\r\n\r\n', 'data: c\r\rdata: d\n\n')).toEqual([
      { data: 'a\nb' },
      { data: 'c' },
      { data: 'd' },
    ])
  })

  it('passes over a BOM, and joins characters that are cut', () => {
    const bytes = Buffer.from('\ufeffdata: 😀\n\n')
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(parse(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ data: '😀' }])
  })

  it('gives the last event though its empty line is missing', () => {
    expect(parse('data: [DONE]')).toEqual([{ data: '[DONE]' }])
  })

  it('reads the same however it is cut', () => {
    const line = fc.constantFrom('data: a', 'data: é😀', 'event: e', ': c', '', '', 'data', 'id: 1')
    const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')))
    fc.assert(
      fc.property(lines, fc.array(fc.nat(200)), (parts, cuts) => {
        const bytes = Buffer.from(parts.map(([text, end]) => text + end).join(''))
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ]
        const chunks = places.slice(1).map((place, at) => bytes.subarray(places[at], place))
        expect(parse(...chunks)).toEqual(parse(bytes))
      }),
    )
  })
})
