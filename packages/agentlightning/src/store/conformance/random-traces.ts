// Seeded random histories: trees with gaps and cycles, copies that differ, projects that come late, deletions.
import type { SpanFields } from '../../trace/fields.ts'
import type { Change, SourceRow } from '../contract.ts'
import { DAY, HOUR, type SpanInput, sourceRow, span, T0, traceId } from './rows.ts'

/** A source of random numbers that repeats for a seed (xorshift, 32 bits). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) | 1
    for (let round = 0; round < 8; round++) this.below(2)
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return (x >>> 0) % bound
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }
}

const TRACES = 4

/**
 * Changes of a random history, cut into batches. Every other history writes no span id of a trace twice, but
 * for spans that are sent at their start and again at their end.
 */
export function randomBatches(random: Random, spans: number): Change[][] {
  const exportsStarts = random.chance(50)
  const ids = 4 + random.below(spans)
  const changes: Change[] = []
  let minutes = 0
  for (let at = 0; at < spans; at++) {
    minutes += random.chance(5) ? random.below(600) : 0
    const receivedNs = T0 + (BigInt(minutes) * DAY) / 1440n
    if (random.chance(1))
      changes.push({
        type: 'command',
        command: { do: 'deleteTrace', traceId: traceId(random.below(TRACES)), atNs: receivedNs },
      })
    const id = exportsStarts ? at : random.below(ids)
    const input = randomSpan(random, id, exportsStarts ? spans : ids, randomSource(random, receivedNs))
    const change = span(input)
    if (exportsStarts && random.chance(50)) changes.push(startOf(random, input))
    // Late: behind some spans that came after it.
    if (random.chance(40)) changes.splice(changes.length - random.below(changes.length + 1), 0, change)
    else changes.push(change)
    if (random.chance(10)) changes.push(change)
  }
  return cut(random, changes)
}

/** The copy of a span that is sent when it starts: not ended, and without what is known at its end. */
function startOf(random: Random, input: SpanInput): Change {
  const { usage, cost, error, endState, responseModel, ...begun } = input
  const guess = usage && random.chance(20) ? { usage: { input: 3, output: 1 } } : {}
  const tag = random.chance(5) ? { tags: ['open'] } : {}
  return span({ ...begun, ...guess, ...tag, end: 0, status: 0, attributes: 0 })
}

function cut(random: Random, changes: Change[]): Change[][] {
  const batches: Change[][] = []
  const longest = random.pick([1, 5, 40, 1_000])
  for (let at = 0; at < changes.length; ) {
    const length = 1 + random.below(longest)
    batches.push(changes.slice(at, at + length))
    at += length
  }
  return batches
}

function randomSource(random: Random, receivedNs: bigint): SourceRow {
  return sourceRow({
    receivedNs,
    project: random.chance(10) ? random.pick(['p-one', 'p-two']) : undefined,
    resourceFields: {
      ...(random.chance(70) ? { service: random.pick(['api', 'worker']) } : {}),
      ...(random.chance(20) ? { session: random.pick(['s1', 's2']), user: 'ana' } : {}),
      ...(random.chance(20) ? { tags: ['env', random.pick(['blue', 'green'])] } : {}),
    },
  })
}

function randomSpan(random: Random, id: number, ids: number, source: SourceRow): SpanInput {
  const start = random.below(20) + (random.chance(25) ? random.below(4) * Number(HOUR) : 0)
  const failed = random.chance(8)
  const parent = randomParent(random, id, ids)
  return {
    trace: random.below(TRACES),
    span: id,
    ...(parent === undefined ? {} : { parent }),
    name: random.pick(['plan', 'call', 'tool', '']),
    start,
    end: random.chance(15) ? 0 : start + random.below(15) * random.pick([1, 1, 1, 4_000_000, 90_000_000_000]),
    attributes: random.below(3),
    status: failed ? 2 : random.below(2),
    source,
    ...randomFields(random),
    ...(failed && random.chance(70) ? { error: random.pick(['Timeout: 30 s', 'first\n  second']) } : {}),
  }
}

/** Mostly a lower id, so that trees form; at times any id, so that gaps and cycles do. */
function randomParent(random: Random, id: number, ids: number): number | undefined {
  if (id === 0 || random.chance(4)) return undefined
  if (random.chance(6)) return random.below(ids)
  return Math.floor(id / (2 + random.below(2)))
}

function randomFields(random: Random): SpanFields {
  const fields: { -readonly [Name in keyof SpanFields]: SpanFields[Name] } = {
    type: random.pick(['llm', 'tool', 'agent', 'other'] as const),
  }
  if (random.chance(30))
    fields.usage = random.pick([
      { input: random.below(1_000), output: random.below(100) },
      { input: random.below(1_000) },
      { total: random.below(2_000), reasoning: 5 },
      { cacheRead: 7 },
    ])
  if (random.chance(15)) fields.cost = random.below(1_000_000) / 1e8
  if (random.chance(30)) fields.requestModel = random.pick(['small', 'large'])
  if (random.chance(15)) fields.responseModel = random.pick(['large-2026', 'small'])
  if (random.chance(10)) fields.agent = random.pick(['planner', 'coder'])
  if (random.chance(10)) fields.session = random.pick(['s3', 's4'])
  if (random.chance(10)) fields.user = 'ben'
  if (random.chance(10)) fields.tags = [random.pick(['red', 'blue'])]
  if (random.chance(6)) fields.endState = random.pick(['Success', 'Fail', 'Indeterminate', 'ERROR'])
  if (random.chance(10)) Object.assign(fields, { promptIds: random.below(3), responseIds: random.below(3) })
  return fields
}
