// Traces and spans for the tests of the views: everything unknown unless given.
import type { TraceSummary, TreeSpan } from '../../store/contract.ts'

export const T0 = 1_795_378_409_281_000_000n
export const MS = 1_000_000n
export const S = 1_000_000_000n

export function traceOf(given: Partial<TraceSummary> = {}): TraceSummary {
  return {
    traceId: '5b8efff798038103d269b633813fc60c',
    project: 'default',
    name: 'plan-trip',
    startNs: T0,
    endNs: T0 + 42_100n * MS,
    status: 'ok',
    endState: undefined,
    rootKnown: true,
    spans: 1,
    errors: 0,
    calls: 0,
    tools: 0,
    llmNs: 0n,
    toolNs: 0n,
    inputTokens: undefined,
    outputTokens: undefined,
    totalTokens: undefined,
    cost: undefined,
    service: undefined,
    agent: undefined,
    session: undefined,
    user: undefined,
    models: [],
    tags: [],
    error: undefined,
    callsWithIds: 0,
    pinned: false,
    pruned: false,
    change: 1,
    ...given,
  }
}

/** A span from `startMs` to `endMs` after `T0`. */
export function spanOf(
  spanId: string,
  parentSpanId: string | undefined,
  [startMs, endMs]: readonly [number, number],
  given: Partial<TreeSpan> = {},
): TreeSpan {
  const type = given.type ?? 'other'
  return {
    spanId,
    parentSpanId,
    name: spanId,
    kind: 1,
    startNs: T0 + BigInt(startMs) * MS,
    endNs: T0 + BigInt(endMs) * MS,
    statusCode: 0,
    service: undefined,
    origin: 'client',
    attributeCount: 0,
    payloadBytes: 0,
    usageCounted: false,
    fields: { type },
    ...given,
    type,
  }
}

/** A small generator of numbers with a fixed seed: the same in each run. */
export function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

/** Names as hostile and as wide as they come. */
export function nastyName(next: (below: number) => number): string {
  const pieces = [
    'a',
    'call ',
    '旅行',
    '👨‍👩‍👧',
    'é',
    '\u001b[31m',
    '\u001b]0;x\u0007',
    '\n',
    '\u202e',
    'नमस्ते',
    '\u0000',
    '️⃣',
  ]
  return Array.from({ length: next(40) }, () => pieces[next(pieces.length)]).join('')
}

/** Lines without their colours. */
export function plainLines(lines: readonly string[]): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is removed
  return lines.map((line) => line.replace(/\u001b\[\d+m/g, ''))
}
