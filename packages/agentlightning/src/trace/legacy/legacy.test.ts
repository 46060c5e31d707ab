import { describe, expect, it } from 'vitest'
import { isAglError } from '../../errors.ts'
import { createDeriver } from '../derive.ts'
import type { SpanFields } from '../fields.ts'
import { decodeLegacySpan } from './decode.ts'
import { viewOf } from './decoded-view.ts'
import { agentSpanId, contentSpanId, eventSpanId, rootSpanId, traceIdOfSession } from './ids.ts'
import { locateEvents, locateSession, readTexts } from './locate.ts'
import { timeOf } from './times.ts'

const session = '0d56da57-3f0a-4b44-9a52-0f6f1c2d3e4f'
const traceId = traceIdOfSession(session)
const receivedNs = 1_800_000_000_000_000_000n
const deriver = createDeriver()
const limits = { spanBytes: 1000, spanAttributes: 100, depth: 8, arrayIntegers: 100, arrayElements: 100 }

function decode(event: object, spanId = eventSpanId(traceId, 'e1')) {
  return decodeLegacySpan(Buffer.from(JSON.stringify(event)), { traceId, spanId, receivedNs })
}

function fieldsOf(event: object, spanId?: string): SpanFields {
  return deriver.span(viewOf(decode(event, spanId)))
}

describe('ids of legacy data', () => {
  it('a session with a UUID is the trace of that id', () => {
    expect(traceId).toBe('0d56da573f0a4b449a520f6f1c2d3e4f')
    expect(traceIdOfSession(session.toUpperCase())).toBe(traceId)
  })

  it.each(['my run', '', '00000000-0000-0000-0000-000000000000'])(
    'the session «%s» has a trace of its own',
    (id) => {
      expect(traceIdOfSession(id)).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
      expect(traceIdOfSession(id)).not.toBe(traceId)
    },
  )

  it('equal events without an id are told apart by their number, and a repetition is the same', () => {
    const event = Buffer.from('{"event_type":"act"}')
    const ids = [0, 1, 2].map((copy) => contentSpanId(traceId, event, copy))
    expect(new Set(ids).size).toBe(3)
    expect(contentSpanId(traceId, event, 1)).toBe(ids[1])
  })
})

describe('times of legacy data', () => {
  it.each([
    ['2024-02-29T13:30:07.717Z', 1_709_213_407_717_000_000n],
    ['2025-01-24T13:30:40.320715+00:00', 1_737_725_440_320_715_000n],
    ['2025-01-24T14:30:40.320715+01:00', 1_737_725_440_320_715_000n],
    ['2025-01-24 13:30:40', 1_737_725_440_000_000_000n],
  ])('%s is read to the microsecond', (text, ns) => {
    expect(timeOf(text)).toBe(ns)
  })

  it.each(['', 'yesterday', '2025-13-45T99:00:00Z', 12, null, { a: 1 }])('%j is no time', (value) => {
    expect(timeOf(value)).toBeUndefined()
  })
})

describe('events as spans', () => {
  it('a model call has model, tokens, cost, messages and the ids of its reply', () => {
    const reply = {
      id: 'chatcmpl-1',
      model: 'm-2026',
      prompt_token_ids: [1, 2, 3],
      choices: [{ token_ids: [4, 5] }, { token_ids: null }, { token_ids: [6] }],
      usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
    }
    const event = {
      event_type: 'llms',
      id: 'e1',
      model: 'm',
      prompt: [{ role: 'user', content: 'hi' }],
      completion: {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }],
      },
      prompt_tokens: 3,
      completion_tokens: 3,
      cost: '0.0125',
      returns: reply,
      init_timestamp: '2024-05-24T10:00:00.000Z',
      end_timestamp: '2024-05-24T10:00:01.500Z',
    }
    const expected = {
      type: 'llm',
      requestModel: 'm',
      responseModel: 'm-2026',
      responseId: 'chatcmpl-1',
      usage: { input: 3, output: 3, total: 6 },
      cost: 0.0125,
      promptIds: 3,
      responseIds: 3,
    }
    expect(fieldsOf(event)).toEqual(expected)
    // 0.3.14 sends the same reply as text.
    expect(fieldsOf({ ...event, returns: JSON.stringify(reply) })).toEqual(expected)
    const span = decode(event)
    expect(span).toMatchObject({ name: 'llm:m', kind: 3, parentSpanId: rootSpanId(traceId) })
    expect(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)).toBe(1_500_000_000n)
    const keys = span.attributes.map(({ key }) => key)
    expect(keys).toEqual(
      expect.arrayContaining([
        'gen_ai.prompt.0.content',
        'gen_ai.completion.0.tool_calls.0.name',
        'response_token_ids',
        'response_token_ids.2',
      ]),
    )
    expect(keys).not.toContain('response_token_ids.1')
  })

  it('what cannot be a reply costs nothing', () => {
    for (const returns of ['', '<<non-serializable: LegacyAPIResponse>>', null, 7, [1], '{broken'])
      expect(fieldsOf({ event_type: 'llms', model: 'm', returns })).toEqual({
        type: 'llm',
        requestModel: 'm',
      })
  })

  it('an event of an agent is below it, and an error points to what raised it', () => {
    const error = decode({
      event_type: 'errors',
      error_type: 'KeyError',
      details: "'x'",
      logs: 'Traceback …\nKeyError',
      timestamp: '2024-05-24T10:00:02.000Z',
      trigger_event_id: 'ABC',
      agent_id: 'a1',
    })
    expect(error).toMatchObject({
      name: 'error:KeyError',
      parentSpanId: agentSpanId(traceId, 'a1'),
      status: { code: 2, message: "KeyError: 'x'" },
      links: [{ traceId, spanId: eventSpanId(traceId, 'abc') }],
      events: [{ name: 'exception' }],
      startTimeUnixNano: '1716544802000000000',
    })
  })

  it.each([
    [{ event_type: 'ping', action_type: 'ping' }, 'action:ping', 'task'],
    [{ event_type: 'act', action_type: 'llm', model: 'gpt-4', prompt: 'hi' }, 'llm:gpt-4', 'llm'],
    [{ event_type: 'x', action_type: 'api' }, 'action:api', 'http'],
    [{ event_type: 'x', name: 'search', logs: {} }, 'tool:search', 'tool'],
    [{ event_type: 'x', error_type: 'E', details: 'd' }, 'error:E', 'other'],
    [{ event_type: { odd: true } }, 'action:unknown', 'task'],
    [{}, 'action:unknown', 'task'],
  ])('%j is told by its fields', (event, name, type) => {
    expect(decode(event).name).toBe(name)
    expect(fieldsOf(event).type).toBe(type)
  })

  it('an event of 0.0 says itself that it failed, and has tags of its own', () => {
    const event = { event_type: 'act', result: 'Fail', tags: ['x'], output: { o: 2 } }
    expect(decode(event).status.code).toBe(2)
    expect(fieldsOf(event)).toMatchObject({ tags: ['x'], error: 'Fail' })
  })

  it('is shown whole beside what was made of it', () => {
    const event = { event_type: 'tools', unknown_field: [1, { deep: '漢字' }] }
    const original = decode(event).attributes.find(({ key }) => key === 'agentops.legacy.event')
    expect(JSON.parse(original?.value.stringValue ?? '')).toEqual(event)
  })
})

describe('sessions as roots', () => {
  const root = rootSpanId(traceId)

  it('an open session has not ended, whatever state it names', () => {
    const open = {
      session_id: session,
      init_timestamp: '2025-01-24T13:30:40.3+00:00',
      end_state: 'Indeterminate',
    }
    expect(decode(open, root)).toMatchObject({ name: 'session', parentSpanId: '', endTimeUnixNano: '0' })
    expect(fieldsOf(open, root)).toEqual({ type: 'session', session })
  })

  it('an ended one has state, reason and tags; its token is not shown', () => {
    const ended = {
      session_id: session,
      init_timestamp: '2025-01-24T13:30:40.3+00:00',
      end_timestamp: '2025-01-24T13:30:41.3+00:00',
      end_state: 'Fail',
      end_state_reason: 'as planned',
      tags: { team: 'a' },
      jwt: 'eyJ.secret.x',
      lock: '',
      queue: ['junk'],
    }
    expect(fieldsOf(ended, root)).toEqual({
      type: 'session',
      session,
      endState: 'Fail',
      error: 'as planned',
      tags: ['team:a'],
    })
    expect(JSON.stringify(decode(ended, root))).not.toContain('secret')
  })
})

describe('legacy bodies', () => {
  const located = (body: string) => locateEvents(Buffer.from(body), limits)

  it('events are found where they lie', () => {
    const body = '{ "session_id" : "s" , "events" : [ {"a":[1,{}]} , {"b":"]}"} ] }'
    const { events, sessionId, rejected } = located(body)
    expect(sessionId).toBe('s')
    expect(rejected).toEqual([])
    expect(events.map(({ start, end }) => body.slice(start, end))).toEqual(['{"a":[1,{}]}', '{"b":"]}"}'])
  })

  it('one event that cannot be taken does not cost the others', () => {
    const deep = `{"x":${'['.repeat(60)}${']'.repeat(60)}}`
    const { events, rejected } = located(`{"events":[null,{"a":"${'x'.repeat(1000)}"},${deep},{"ok":1}]}`)
    expect(events).toHaveLength(1)
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'an event is not an object',
      'an event is larger than 1000 bytes',
      'an event is nested too deep',
    ])
  })

  it.each(['', '[]', '{}', '{"events":{}}', '{"events":[}', '{"events":[]} x', '\u0000'])(
    '«%s» is refused',
    (body) => {
      expect(() => located(body)).toThrow(
        expect.toSatisfy((error) => isAglError(error) && error.code === 'AGL_BAD_BODY'),
      )
    },
  )

  it('a session is found with its id and whether it has ended', () => {
    const body = Buffer.from('{"session":{"session_id":"s","end_timestamp":null,"tags":[]}}')
    expect(locateSession(body, limits)).toMatchObject({ sessionId: 's', ended: false })
    expect(() => locateSession(Buffer.from('{"session":"s"}'), limits)).toThrow('a session was expected')
  })

  it('a session, or anything beside it, that is nested too deep is refused', () => {
    // Eight levels of four brackets, and 16 more, as for events.
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    const body = (levels: number) => Buffer.from(`{"session":{"session_id":"s","tags":${deep(levels)}}}`)
    expect(locateSession(body(47), limits).sessionId).toBe('s')
    for (const levels of [48, 20_000])
      expect(() => locateSession(body(levels), limits)).toThrow('nested deeper than 48 brackets')
    expect(readTexts(Buffer.from(`{"id":"a","x":${deep(1000)}}`), ['id'])).toEqual({ id: 'a' })
    expect(() => readTexts(Buffer.from(`{"id":"a","x":${deep(1001)}}`), ['id'])).toThrow('nested deeper')
  })
})
