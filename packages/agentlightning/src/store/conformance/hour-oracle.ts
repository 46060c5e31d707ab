// What the hourly sums must be, found by grouping all living spans at once.
import type { HourRow, SpanRow } from '../contract.ts'
import type { Expected } from './oracle.ts'
import { HOUR } from './rows.ts'

/** The sums of the spans of all traces: newest hour first, then by service and model, latencies by bound. */
export function expectedHours(traces: readonly Expected[]): HourRow[] {
  const groups = new Map<string, { span: SpanRow; counted: boolean }[]>()
  for (const { spans, counted } of traces)
    for (const span of spans) {
      const key = JSON.stringify([String(span.startNs / HOUR), serviceOf(span), modelOf(span)])
      const entry = { span, counted: counted.has(span.spanId.toString('hex')) }
      groups.set(key, [...(groups.get(key) ?? []), entry])
    }
  return inOrder([...groups.values()].map(sumsOf))
}

/** Rows in one order, whatever ids an engine sorts services and models by. */
export function inOrder(rows: readonly HourRow[]): HourRow[] {
  const name = ({ service, model }: HourRow): string => JSON.stringify([service, model])
  return [...rows].sort((one, other) =>
    one.hourNs === other.hourNs ? (name(one) < name(other) ? -1 : 1) : one.hourNs < other.hourNs ? 1 : -1,
  )
}

function sumsOf(entries: readonly { span: SpanRow; counted: boolean }[]): HourRow {
  const spans = entries.map(({ span }) => span)
  const first = spans[0] as SpanRow
  const calls = spans.filter((span) => span.fields.type === 'llm')
  const usages = entries.filter(({ counted }) => counted).map(({ span }) => span.fields)
  const sum = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0)
  return {
    hourNs: (first.startNs / HOUR) * HOUR,
    service: serviceOf(first),
    model: modelOf(first),
    spans: spans.length,
    errors: spans.filter((span) => span.statusCode === 2).length,
    calls: calls.length,
    inputTokens: sum(usages.map(({ usage }) => usage?.input)),
    outputTokens: sum(usages.map(({ usage }) => usage?.output)),
    totalTokens: sum(usages.map(({ usage }) => usage?.total ?? (usage?.input ?? 0) + (usage?.output ?? 0))),
    cost: sum(usages.map(({ cost }) => Math.round((cost ?? 0) * 1e12))) / 1e12,
    latency: latencyOf(calls),
  }
}

/** Bounds from their definition, four to each doubling, rounded to whole ns. */
function latencyOf(calls: readonly SpanRow[]): HourRow['latency'] {
  const counts = new Map<number, number>()
  for (const { startNs, endNs } of calls) {
    if (endNs < startNs) continue
    let step = 0
    while (step < 88 && BigInt(Math.round(1e6 * 2 ** (step / 4))) < endNs - startNs) step++
    const bound = Math.round(1e6 * 2 ** (step / 4)) / 1e6
    counts.set(bound, (counts.get(bound) ?? 0) + 1)
  }
  return [...counts].sort(([one], [other]) => one - other).map(([bucketMs, count]) => ({ bucketMs, count }))
}

function serviceOf(span: SpanRow): string | undefined {
  return span.source.resourceFields.service
}

function modelOf({ fields }: SpanRow): string | undefined {
  return fields.responseModel ?? fields.requestModel
}
