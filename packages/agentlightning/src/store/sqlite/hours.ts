// Sums by hour, service and model: of one trace, where they are added to and taken back from span by span, and
// of a batch on its way into the table. Pure.
import type { UsageSums } from './totals.ts'

const SCANNED = 8

/** Length of an hour in ns. */
export const HOUR_NS = 3_600_000_000_000n

/** Where a span counts. Service and model are string ids, 0 for none. */
export interface HourKey {
  /** Hour of the start, counted from the Unix epoch. */
  readonly hour: number
  readonly service: number
  readonly model: number
}

/** What the spans of one key add up to. Cost in 1e-12 USD. */
export interface HourSums extends HourKey {
  spans: number
  errors: number
  calls: number
  input: number
  output: number
  total: number
  cost: bigint
  /** LLM calls by latency bucket; only buckets that have any. */
  latency: Map<number, number> | undefined
}

/** The hour in which a time lies. */
export function hourOf(ns: bigint): number {
  return Number(ns / HOUR_NS)
}

/** Sums by key. Spans that follow one another mostly share a key, and most traces have few. */
export class Hours {
  readonly #all: HourSums[] = []
  /** Only once there are too many to look through. */
  #byKey: Map<string, HourSums> | undefined
  #recent: HourSums | undefined

  /** The sums of a key, zero at first. */
  at(key: HourKey): HourSums {
    const recent = this.#recent
    if (recent && isAt(recent, key)) return recent
    const found = this.#find(key) ?? this.#make(key)
    this.#recent = found
    return found
  }

  /** Adds sums, or takes them back. */
  merge(all: Iterable<HourSums>, sign: 1 | -1): void {
    for (const sums of all) addSums(this.at(sums), sums, sign)
  }

  /** The sums of keys that have any: to be read only. */
  nonZero(): HourSums[] {
    return this.#all.filter((sums) => !isZero(sums))
  }

  /** Independent copies of the sums of keys that have any. */
  copies(): HourSums[] {
    return this.nonZero().map((sums) => ({ ...sums, latency: sums.latency && new Map(sums.latency) }))
  }

  #find(key: HourKey): HourSums | undefined {
    if (this.#byKey) return this.#byKey.get(textOf(key))
    return this.#all.find((sums) => isAt(sums, key))
  }

  #make({ hour, service, model }: HourKey): HourSums {
    const sums: HourSums = {
      hour,
      service,
      model,
      spans: 0,
      errors: 0,
      calls: 0,
      input: 0,
      output: 0,
      total: 0,
      cost: 0n,
      latency: undefined,
    }
    this.#all.push(sums)
    if (this.#byKey) this.#byKey.set(textOf(sums), sums)
    else if (this.#all.length > SCANNED) this.#byKey = new Map(this.#all.map((each) => [textOf(each), each]))
    return sums
  }
}

/** Adds the sums of another key or copy, or takes them back. */
export function addSums(sums: HourSums, other: Readonly<HourSums>, sign: 1 | -1): void {
  sums.spans += sign * other.spans
  sums.errors += sign * other.errors
  sums.calls += sign * other.calls
  sums.input += sign * other.input
  sums.output += sign * other.output
  sums.total += sign * other.total
  sums.cost += sign === 1 ? other.cost : -other.cost
  if (other.latency) for (const [bucket, count] of other.latency) addLatency(sums, bucket, sign * count)
}

/** Adds to the number of calls in a bucket. */
export function addLatency(sums: HourSums, bucket: number, count: number): void {
  sums.latency ??= new Map()
  const sum = (sums.latency.get(bucket) ?? 0) + count
  if (sum === 0) sums.latency.delete(bucket)
  else sums.latency.set(bucket, sum)
}

/** Adds the usage of a span that counts, or takes it back. */
export function addHourUsage(sums: HourSums, usage: UsageSums, sign: 1 | -1): void {
  sums.input += sign * (usage.input ?? 0)
  sums.output += sign * (usage.output ?? 0)
  sums.total += sign * (usage.total ?? 0)
  if (usage.cost !== undefined) sums.cost += sign === 1 ? usage.cost : -usage.cost
}

/** Bucket and count in turns, by bucket; `null` for none. */
export function formatLatency(latency: HourSums['latency']): string | null {
  if (!latency || latency.size === 0) return null
  return [...latency]
    .sort(([one], [other]) => one - other)
    .flat()
    .join(' ')
}

/** Reads what `formatLatency` wrote. */
export function parseLatency(text: unknown): Map<number, number> | undefined {
  if (typeof text !== 'string') return undefined
  const numbers = text.split(' ').map(Number)
  const latency = new Map<number, number>()
  for (let at = 0; at + 1 < numbers.length; at += 2)
    latency.set(numbers[at] as number, numbers[at + 1] as number)
  return latency
}

function isAt(sums: HourSums, key: HourKey): boolean {
  return sums.hour === key.hour && sums.service === key.service && sums.model === key.model
}

function isZero(sums: HourSums): boolean {
  return (
    sums.spans === 0 &&
    sums.errors === 0 &&
    sums.calls === 0 &&
    sums.input === 0 &&
    sums.output === 0 &&
    sums.total === 0 &&
    sums.cost === 0n &&
    (sums.latency === undefined || sums.latency.size === 0)
  )
}

function textOf({ hour, service, model }: HourKey): string {
  return `${hour} ${service} ${model}`
}
