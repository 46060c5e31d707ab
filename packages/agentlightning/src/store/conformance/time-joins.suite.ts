import { describe, expect, it } from 'vitest'
import type { CallSummary } from '../calls.ts'
import type { Change } from '../contract.ts'
import { type CallInput, call } from './call-rows.ts'
import { type OpenEngine, useStore } from './harness.ts'
import { type SpanInput, sourceRow, span, T0, traceId } from './rows.ts'

const MS = 1_000_000
const SECOND = 1_000 * MS

/** Calls of spans that tell no response id. */
export function describeTimeJoins(open: OpenEngine): void {
  describe('calls of spans without response id', () => {
    const store = useStore(open)
    const calls = async (): Promise<readonly CallSummary[]> =>
      (await store.reader.calls({ filter: {}, limit: 1_000 })).items
    /** `CALL→TRACE/SPAN` of every gateway call, `CALL→own` of one without. */
    const shown = async (): Promise<string[]> =>
      (await calls())
        .filter(({ source }) => source !== 'span')
        .map(({ id, source, traceId: trace, spanId }) => {
          const at = `${Number.parseInt(trace.slice(24), 16)}/${Number.parseInt(spanId.slice(8), 16)}`
          return `${Number.parseInt(id.slice(-4), 16)}→${source === 'gateway' ? 'own' : at}`
        })
        .sort()
    /** From 0 to 30 ms after `T0`. */
    const failedSpan = (input: SpanInput): Change =>
      span({ type: 'llm', status: 2, requestModel: 'tiny', end: 30 * MS, ...input })
    /** From 5 to 25 ms after `T0`. */
    const failedCall = (input: CallInput): Change =>
      call({
        start: 5 * MS,
        end: 25 * MS,
        status: 500,
        verdict: 'call.failed',
        error: 'HTTP 500',
        responseId: undefined,
        responseModel: undefined,
        usage: undefined,
        ...input,
      })

    /** The same times, without a failure. */
    const okSpan = (input: SpanInput): Change => failedSpan({ status: 0, ...input })
    const okCall = (input: CallInput): Change => call({ start: 5 * MS, end: 25 * MS, ...input })

    const cases: [string, Change[], string[]][] = [
      ['the span that ran around it', [failedSpan({ span: 7 }), failedCall({ call: 1 })], ['1→1/7']],
      [
        'a span that the client ended first, having waited long enough',
        [failedSpan({ span: 7, end: 20 * MS }), failedCall({ call: 1 })],
        ['1→1/7'],
      ],
      [
        'the innermost span, which ends first',
        [
          failedSpan({ span: 6, end: 31 * MS }),
          failedSpan({ span: 7, start: MS, parent: 6 }),
          failedCall({ call: 1 }),
        ],
        ['1→1/7'],
      ],
      [
        'the span that ended with it, of two at once',
        [
          failedSpan({ trace: 1, span: 7 }),
          failedCall({ call: 1 }),
          failedSpan({ trace: 2, span: 8, end: 90 * MS }),
          failedCall({ call: 2, end: 80 * MS }),
        ],
        ['1→1/7', '2→2/8'],
      ],
      [
        'the span of its run',
        [
          failedSpan({ trace: 1, span: 7, tags: ['agl.run=one'] }),
          failedSpan({
            trace: 2,
            span: 8,
            end: 31 * MS,
            source: sourceRow({ resourceFields: { run: 'two' } }),
          }),
          failedCall({ call: 1, run: 'two' }),
        ],
        ['1→2/8'],
      ],
      [
        'a span that names the model with its provider',
        [failedSpan({ span: 7, requestModel: 'openai/tiny' }), failedCall({ call: 1 })],
        ['1→1/7'],
      ],
      [
        'a span that names the model that answered as the one asked for',
        [okSpan({ span: 7, requestModel: 'tiny-2026' }), okCall({ call: 1, responseModel: 'tiny-2026' })],
        ['1→1/7'],
      ],
      [
        'the inner of two spans that were written for it',
        [okSpan({ span: 6 }), okSpan({ span: 7, parent: 6 }), okCall({ call: 1 })],
        ['1→1/7'],
      ],
      [
        'no span of another model',
        [failedSpan({ span: 7, requestModel: 'large' }), failedCall({ call: 1 })],
        ['1→own'],
      ],
      [
        'the span that failed with the reply of a call that succeeded',
        [failedSpan({ span: 7 }), failedCall({ call: 1, status: 200, error: undefined })],
        ['1→1/7'],
      ],
      [
        'the span that ran around it, without a failure',
        [okSpan({ span: 7 }), okCall({ call: 1 })],
        ['1→1/7'],
      ],
      [
        'the span whose tokens are theirs, of two at once',
        [
          okSpan({ span: 7, usage: { input: 8, output: 3 } }),
          okSpan({ span: 8, usage: { input: 9, output: 3 } }),
          okCall({ call: 1, usage: { input: 9, output: 3 } }),
          okCall({ call: 2, usage: { input: 8, output: 3 } }),
        ],
        ['1→1/8', '2→1/7'],
      ],
      [
        'none of two that ran at once and did not fail',
        [okSpan({ span: 7 }), okSpan({ span: 8 }), okCall({ call: 1 }), okCall({ call: 2 })],
        ['1→own', '2→own'],
      ],
      [
        'no span without failure around two of them',
        [okSpan({ span: 7 }), okCall({ call: 1 }), okCall({ call: 2 })],
        ['1→own', '2→own'],
      ],
      [
        'no failed span where another could be meant that did not fail',
        [okSpan({ span: 7 }), failedSpan({ span: 8 }), okCall({ call: 1 })],
        ['1→own'],
      ],
      [
        'the span with the last attempt, which alone succeeded',
        [
          okSpan({ span: 7, end: 80 * MS }),
          failedCall({ call: 1 }),
          okCall({ call: 2, start: 60 * MS, end: 70 * MS }),
        ],
        ['1→own', '2→1/7'],
      ],
      [
        'the span of a program that had read enough',
        [okSpan({ span: 7, end: 15 * MS }), failedCall({ call: 1, status: 200, outcome: 'client_left' })],
        ['1→1/7'],
      ],
      [
        'no span that failed before a call succeeded',
        [failedSpan({ span: 7, end: 19 * MS }), failedCall({ call: 1, status: 200, error: undefined })],
        ['1→own'],
      ],
      [
        'no span that succeeded, if they failed',
        [failedSpan({ span: 7, status: 0 }), failedCall({ call: 1 })],
        ['1→own'],
      ],
      [
        'no span that tells a response id',
        [failedSpan({ span: 7, responseId: 'r' }), failedCall({ call: 1 })],
        ['1→own'],
      ],
      [
        'no span that began after it',
        [failedSpan({ span: 7, start: 60 * MS, end: 70 * MS }), failedCall({ call: 1 })],
        ['1→own'],
      ],
      [
        'no span that ended more than a second later',
        [failedSpan({ span: 7, end: 1_026 * MS }), failedCall({ call: 1 })],
        ['1→own'],
      ],
      [
        'no span of another trace, where the client named one',
        [failedSpan({ trace: 1, span: 7 }), failedCall({ call: 1, trace: 2, parent: 3 })],
        ['1→own'],
      ],
      [
        'no span of another project',
        [
          failedSpan({ span: 7, source: sourceRow({ project: 'one' }) }),
          failedCall({ call: 1, project: 'two' }),
        ],
        ['1→own'],
      ],
    ]
    it.each(cases)('belong to %s', async (_, changes, expected) => {
      await store.write(...changes)
      expect(await shown()).toEqual(expected)
    })

    it.each(cases)('belong to %s, whatever comes first', async (_, changes, expected) => {
      for (const change of changes.toReversed()) await store.write(change)
      expect(await shown()).toEqual(expected)
    })

    it('take the span from none that succeeded, and only the last of several attempts takes it', async () => {
      await store.write(
        failedSpan({ span: 7, end: 2_900 * MS }),
        failedCall({ call: 1 }),
        failedCall({ call: 2, start: 900 * MS, end: 1_800 * MS }),
        failedCall({ call: 3, start: 2_600 * MS, end: 2_890 * MS }),
      )
      expect(await shown()).toEqual(['1→own', '2→own', '3→1/7'])
      await store.write(call({ call: 4, trace: 1, parent: 7, start: 2_000 * MS, end: 2_100 * MS }))
      expect(await shown()).toEqual(['1→own', '2→own', '3→own', '4→1/7'])
    })

    it('are parted again when a tag of their trace comes that names another run', async () => {
      await store.write(failedSpan({ span: 7 }), failedCall({ call: 1, run: 'one' }))
      expect(await shown()).toEqual(['1→1/7'])
      await store.write(span({ span: 1, tags: ['agl.run=two'] }))
      expect(await shown()).toEqual(['1→own'])
      await store.write(span({ span: 1, tags: ['agl.run=one'], end: 11 }))
      expect(await shown()).toEqual(['1→1/7'])
    })

    it('count once, with the span that they belong to', async () => {
      await store.write(failedCall({ call: 1 }))
      expect(await store.reader.stats()).toMatchObject({ traces: 1, spans: 1 })
      await store.write(failedSpan({ span: 7 }))
      expect(await store.reader.stats()).toMatchObject({ traces: 1, spans: 1 })
      expect(await store.reader.trace(traceId(1))).toMatchObject({ calls: 1, errors: 1 })
      expect(await calls()).toMatchObject([{ source: 'both', verdict: 'call.failed', status: 500 }])
    })

    it('of 64 within a second find their spans, and of one more none does', async () => {
      const at = (n: number): number => 1_000 * SECOND + n * MS
      const pair = (n: number): Change[] => [
        failedCall({ call: n, start: at(n), end: at(n) + 2_000 }),
        failedSpan({ trace: 2, span: n, start: at(n) - 2_000, end: at(n) + 4_000 }),
      ]
      for (let n = 1; n <= 64; n++) await store.write(...pair(n))
      expect(await shown()).toEqual(Array.from({ length: 64 }, (_, n) => `${n + 1}→2/${n + 1}`).sort())
      await store.write(...pair(65))
      expect(new Set((await shown()).map((one) => one.split('→')[1]))).toEqual(new Set(['own']))
      await store.write(...Array.from({ length: 200 }, (_, n) => pair(66 + n)).flat())
      expect(new Set((await shown()).map((one) => one.split('→')[1]))).toEqual(new Set(['own']))
    })

    it('that lose their span to a deletion or a prune go, or are calls of their own', async () => {
      await store.write(
        failedSpan({ trace: 1, span: 7, segment: 1 }),
        failedSpan({ trace: 2, span: 8, end: 40 * MS, segment: 2 }),
        failedCall({ call: 1, segment: 2 }),
      )
      expect(await shown()).toEqual(['1→1/7'])
      await store.write({ type: 'command', command: { do: 'prune', segment: 1, atNs: T0 } })
      expect(await shown()).toEqual(['1→2/8'])
      await store.write({ type: 'command', command: { do: 'deleteTrace', traceId: traceId(2), atNs: T0 } })
      expect(await shown()).toEqual([])
      expect(await store.writer.check()).toEqual([])
    })
  })
}
