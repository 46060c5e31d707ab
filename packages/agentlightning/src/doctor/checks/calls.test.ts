import { describe, expect, it } from 'vitest'
import { verdict } from '../../token-ids/verdict/codes.ts'
import { examineScope } from '../examine.ts'
import type { ScopeFacts } from '../facts.ts'
import { someCall, someScope, someTrace } from '../fixtures/facts.ts'

const other = 'b'.repeat(32)
const examined = (changes: Partial<ScopeFacts>) => examineScope(someScope(changes))
const codes = (changes: Partial<ScopeFacts>) => examined(changes).map(({ code }) => code)

describe('calls', () => {
  it('that are complete need one line', () => {
    expect(examined({})).toMatchObject([
      {
        code: 'calls.summary',
        level: 'ok',
        sentence: 'Model calls in the last hour: 1, with token ids 1, failed 0.',
      },
    ])
  })

  it('are grouped by verdict and by what to do, with examples', () => {
    const special = verdict('ids.stream_without_ids', 'litellm', 'Ask without a stream.')
    const calls = [
      ...Array.from({ length: 9 }, () => someCall()),
      ...Array.from({ length: 5 }, () => someCall({ code: 'ids.stream_without_ids' })),
      someCall({ verdict: special }),
      someCall({ code: 'call.failed' }),
    ]
    const found = examined({ calls })
    expect(found.map(({ code, count }) => [code, count])).toEqual([
      ['calls.summary', 16],
      ['ids.stream_without_ids', 5],
      ['ids.stream_without_ids', 1],
      ['call.failed', 1],
    ])
    expect(found[1]?.examples).toEqual(calls.slice(9, 12).map(({ id }) => id))
    expect(found[2]?.todo).toBe('Ask without a stream.')
    expect(found[0]?.sentence).toContain('Model calls in the last hour: 16, with token ids 9, failed 1.')
  })

  it('are shown by examples of different traces, as far as there are', () => {
    const bad = (traceId: string, startNs: bigint) =>
      someCall({ code: 'ids.stream_without_ids', traceId, startNs })
    const calls = [
      bad(other, 9_000_000n),
      ...Array.from({ length: 4 }, () => bad(other, 1n)),
      bad('c'.repeat(32), 2n),
    ]
    expect(examined({ calls })[1]).toMatchObject({
      examples: [calls[0], calls[5], calls[1]].map((call) => call?.id),
      places: [calls[0], calls[5], calls[1]].map((call) => ({
        traceId: call?.traceId,
        spanId: call?.spanId,
      })),
      lastMs: 9,
    })
  })

  it('without ids are a warning only where ids are wanted', () => {
    const calls = [someCall({ code: 'ids.not_on_span', source: 'span' })]
    const levelOf = (changes: Partial<ScopeFacts>) =>
      examined(changes).find(({ code }) => code === 'ids.not_on_span')?.level
    expect(levelOf({ calls })).toBe('info')
    expect(levelOf({ calls, named: true })).toBe('warn')
    expect(levelOf({ calls: [...calls, someCall()] })).toBe('warn')
    expect(levelOf({ calls: [{ ...calls[0]!, rollout: 'r1' }] })).toBe('warn')
  })

  it('that are running or belong to no rollout are notes', () => {
    const calls = [someCall({ code: 'call.no_end' }), someCall({ code: 'call.not_attributed' })]
    expect(examined({ calls, named: true }).map(({ level }) => level)).toEqual(['info', 'info', 'info'])
  })

  it('are missing altogether', () => {
    expect(codes({ calls: [], traces: [] })).toEqual(['calls.none', 'traces.none'])
  })

  it('that are too many are said to be', () => {
    const found = examined({ hasMoreCalls: true, unread: 7 })
    expect(found.map(({ code }) => code)).toEqual(['calls.summary', 'calls.partial'])
    expect(found[0]?.sentence).toMatch(/: the newest 1, with token ids 1, failed 0\.$/)
    expect(found[1]?.sentence).toContain('than the newest 1, and 7 calls were judged without')
    expect(examined({ hasMoreTraces: true })[1]?.sentence).toContain('more traces than the newest 1.')
  })

  it('of a rollout or a run that has none are missed', () => {
    const [none] = examined({ calls: [], traces: [], named: true, words: 'of run r' })
    expect(none).toMatchObject({ level: 'warn', sentence: 'There are no model calls of run r.' })
    expect(examined({ calls: [], traces: [] })[0]?.level).toBe('info')
  })
})

describe('span and gateway', () => {
  it('disagree where a span of a joined trace has no call', () => {
    const past = someCall({ source: 'span', code: 'ids.not_on_span' })
    expect(examined({ calls: [someCall(), past] })).toContainEqual(
      expect.objectContaining({ code: 'calls.span_without_call', count: 1, examples: [past.id] }),
    )
    expect(codes({ calls: [past] })).not.toContain('calls.span_without_call')
    expect(codes({ calls: [someCall(), { ...past, traceId: other }] })).not.toContain(
      'calls.span_without_call',
    )
  })

  it('disagree where a call that ran beside a joined trace has no span', () => {
    const bare = someCall({ source: 'gateway', traceId: other })
    expect(examined({ beside: [bare] })).toContainEqual(
      expect.objectContaining({ code: 'calls.call_without_span', examples: [bare.id] }),
    )
    for (const call of [
      { ...bare, startNs: 3_000n },
      { ...bare, verdict: verdict('call.failed') },
    ])
      expect(codes({ beside: [call] })).not.toContain('calls.call_without_span')
  })
})

describe('traces', () => {
  it('without LLM spans beside recorded calls point to the order of imports', () => {
    const bare = someCall({ source: 'gateway', traceId: other })
    const own = someTrace({ traceId: other, spans: 1 })
    expect(codes({ calls: [bare], traces: [someTrace(), own], beside: [bare] })).toEqual([
      'calls.summary',
      'traces.import_order',
    ])
  })

  it('without LLM spans and without calls are a note', () => {
    expect(codes({ calls: [] })).toEqual(['calls.none', 'traces.no_llm_spans'])
    expect(
      codes({ calls: [], beside: [someCall({ source: 'gateway', traceId: other, startNs: 9n })] }),
    ).toEqual(['calls.none', 'traces.no_llm_spans'])
  })

  it('without LLM spans whose spans lost attributes are a warning about that', () => {
    const traces = [someTrace({ droppedAttributes: 7 }), someTrace({ traceId: other, droppedAttributes: 90 })]
    expect(examined({ calls: [], traces })[1]).toMatchObject({
      code: 'traces.spans_cut',
      level: 'warn',
      count: 2,
      sentence: expect.stringContaining('up to 90'),
      examples: traces.map(({ traceId }) => traceId),
    })
    expect(codes({ traces: traces.slice(0, 1) })).not.toContain('traces.spans_cut')
  })

  it('that are only the calls of the gateway are in order', () => {
    const bare = someCall({ source: 'gateway' })
    expect(codes({ calls: [bare], traces: [someTrace({ spans: 1 })], beside: [bare] })).toEqual([
      'calls.summary',
    ])
  })

  it('with more calls than are in view are not judged', () => {
    const bare = someCall({ source: 'gateway' })
    const traces = [
      someTrace({ spans: 5000, calls: 5000 }),
      someTrace({ traceId: other, spans: 3, calls: 2 }),
    ]
    expect(codes({ calls: [bare], traces, beside: [bare] })).toEqual(['calls.summary'])
  })

  it('of one run have nothing to do with the calls of another at the same time', () => {
    const bare = someCall({ source: 'gateway', traceId: other, run: 'theirs' })
    const codesBeside = (run: string | undefined) =>
      codes({ calls: [], traces: [someTrace({ run })], beside: [bare] }).at(-1)
    expect([codesBeside('ours'), codesBeside(undefined)]).toEqual(Array(2).fill('traces.no_llm_spans'))
    expect(codesBeside('theirs')).toBe('traces.import_order')
    const joined = { traces: [someTrace({ run: 'ours' })], beside: [bare] }
    expect(codes(joined)).not.toContain('calls.call_without_span')
  })

  it('whose spans lost attributes are named with the most lost', () => {
    const calls = [someCall({ droppedAttributes: 3 }), someCall({ droppedAttributes: 40 }), someCall()]
    expect(examined({ calls })).toContainEqual(
      expect.objectContaining({
        code: 'traces.attributes_dropped',
        count: 2,
        sentence: expect.stringContaining('up to 40'),
      }),
    )
  })
})
