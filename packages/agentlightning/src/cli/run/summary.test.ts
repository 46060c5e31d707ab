import { expect, test } from 'vitest'
import type { CallSummary } from '../../store/calls.ts'
import type { TraceSummary } from '../../store/contract.ts'
import { type RunSummary, summaryJson, summaryLine } from './render-summary.ts'
import { type Recorded, sumUp } from './summary.ts'

const ours = ['agl.run=u']
const call = (given: Partial<CallSummary>) => ({ traceId: 't1', dialect: 'chat', ...given }) as CallSummary
const trace = (given: Partial<TraceSummary>) =>
  ({ traceId: 't1', startNs: 10n, errors: 0, cost: undefined, tags: ours, ...given }) as TraceSummary

function summary(recorded: Partial<Recorded> | undefined): RunSummary {
  const nothing = { calls: 0, inputTokens: 0, outputTokens: 0, generations: 0, callsWithIds: 0 }
  const rest = { cost: undefined, errors: 0, traces: [], unnamedTraces: 0, complete: true }
  return {
    identity: { run: 'u', rollout: 'u', attempt: undefined, tags: [] },
    url: 'http://localhost:8002',
    end: { status: 0, signal: null },
    seconds: 1.5,
    recorded: recorded && { ...nothing, ...rest, ...recorded },
  }
}

test('tokens are those of all calls, coverage only of calls that could have ids', () => {
  const calls = [
    call({ usage: { input: 3, output: 2 }, promptIds: 3, responseIds: 2 }),
    call({ usage: { input: 5 }, promptIds: 5 }),
    call({ usage: { input: 7 }, dialect: 'embeddings' }),
  ]
  expect(sumUp(calls, [trace({})], 5n, ours)).toMatchObject({
    calls: 3,
    inputTokens: 15,
    outputTokens: 2,
    generations: 2,
    callsWithIds: 1,
    cost: undefined,
  })
})

test('of a trace that is older than the run, or of another run as well, only its own calls count', () => {
  const calls = [call({ traceId: 'old', error: 'refused' }), call({ traceId: 'old' }), call({})]
  const traces = [
    trace({ traceId: 'old', startNs: 1n, errors: 9, cost: 9 }),
    trace({ errors: 2, cost: 0.25 }),
  ]
  expect(sumUp(calls, traces, 5n, ours)).toMatchObject({ errors: 3, cost: 0.25, traces: ['old', 't1'] })
  const shared = [trace({ errors: 9, cost: 9, tags: ['agl.run=u', 'agl.run=other'] })]
  const failed = [call({ error: 'refused' }), call({})]
  expect(sumUp(failed, shared, 5n, ours)).toMatchObject({ errors: 1, cost: undefined })
  expect(sumUp(failed, shared, 5n, [...ours, 'agl.run=other'])).toMatchObject({ errors: 9, cost: 9 })
})

test('the line leaves out what is not known', () => {
  const one = { calls: 1, inputTokens: 12_400, outputTokens: 45, traces: ['ab'] }
  expect(summaryLine(summary(one))).toBe('1 call · 12.4k → 45 tokens · http://localhost:8002/traces/ab')
  const more = {
    ...one,
    calls: 3,
    generations: 2,
    callsWithIds: 1,
    cost: 0.00123,
    errors: 1,
    complete: false,
  }
  expect(summaryLine(summary(more))).toBe(
    'so far 3 calls · 12.4k → 45 tokens · token ids 1/2 · $0.0012 · 1 error · http://localhost:8002/traces/ab',
  )
})

test('many traces become one link to their list', () => {
  expect(summaryLine(summary({ calls: 4, traces: ['a', 'b', 'c', 'd'] }))).toMatch(
    /\/traces\/a and 3 more: http:\/\/localhost:8002\/traces\?q=tag%3Aagl\.run%3Du$/,
  )
})

test('nothing recorded, and a server that is gone, are said', () => {
  expect(summaryLine(summary({}))).toMatch(/^nothing was recorded: /)
  expect(summaryLine(summary({ complete: false }))).toMatch(/^nothing was recorded so far: /)
  expect(summaryLine(summary(undefined))).toMatch(/does not answer/)
  expect(summaryJson(summary(undefined))).toMatchObject({ recorded: null, traces: [], attempt: null })
})

test('traces that name no run are not said to be missing', () => {
  expect(summaryLine(summary({}))).toContain('no trace arrived')
  expect(summaryLine(summary({ unnamedTraces: 1 }))).toContain(
    '1 trace came meanwhile that names no run: http://localhost:8002/traces',
  )
})
