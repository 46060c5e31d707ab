// What a store must answer, found the slow way: from all spans at once, with none of an engine's bookkeeping.
import type { SpanRow, TraceStatus, TraceSummary } from '../contract.ts'

/** The spans of one trace in the order of their arrival, copies included. */
export interface TraceHistory {
  readonly traceId: string
  readonly project: string
  readonly copies: readonly SpanRow[]
}

/** A summary without what only the engine can know, the copies that remain, and which spans' usage counts. */
export interface Expected {
  readonly summary: Omit<TraceSummary, 'change'>
  readonly spans: readonly SpanRow[]
  readonly counted: ReadonlySet<string>
}

/** Counts a trace from its spans. Costs are exact to 1e-12 USD. */
export function expectedTrace({ traceId, project, copies }: TraceHistory): Expected {
  const spans = survivors(copies)
  const carriers = spans.filter(carriesUsage)
  const above = idsAboveUsage(spans, carriers)
  const counted = carriers.filter((span) => !above.has(idOf(span)))
  const ranked = [...spans].sort((one, other) => rootRank(one) - rootRank(other) || byTime(one, other))
  const first = ranked[0] as SpanRow
  const firstText = (read: (span: SpanRow) => string | undefined): string | undefined =>
    ranked.map(read).find((text) => text !== undefined && text !== '')
  const rootKnown = rootRank(first) === 0
  const endState = firstText((span) => span.fields.endState)
  const errors = spans.filter((span) => span.statusCode === 2)
  const models = spans.map((span) => span.fields.responseModel ?? span.fields.requestModel)
  const tags = spans.flatMap((span) => [
    ...(span.fields.tags ?? []),
    ...(span.source.resourceFields.tags ?? []),
  ])
  const error = [...spans].sort(byTime).find((span) => span.fields.error !== undefined)?.fields.error
  const summary = {
    traceId,
    project,
    name: first.name,
    startNs: [...spans].sort(byTime)[0]?.startNs ?? 0n,
    endNs: spans.reduce((end, span) => later(end, later(span.startNs, span.endNs)), 0n),
    status: outcome(endState, rootKnown ? first.statusCode : 0, errors.length, rootKnown),
    endState,
    rootKnown,
    spans: spans.length,
    errors: errors.length,
    calls: spans.filter((span) => span.fields.type === 'llm').length,
    tools: spans.filter((span) => span.fields.type === 'tool').length,
    llmNs: timeOf(spans, 'llm'),
    toolNs: timeOf(spans, 'tool'),
    inputTokens: sum(counted.map((span) => span.fields.usage?.input)),
    outputTokens: sum(counted.map((span) => span.fields.usage?.output)),
    totalTokens: sum(counted.map(totalOf)),
    cost: costSum(counted),
    service: firstText((span) => span.source.resourceFields.service),
    agent: firstText((span) => span.fields.agent),
    session: firstText((span) => span.fields.session ?? span.source.resourceFields.session),
    user: firstText((span) => span.fields.user ?? span.source.resourceFields.user),
    models: distinct(models),
    tags: distinct(tags),
    error: error?.replace(/\s+/g, ' ').trim(),
    callsWithIds: spans.filter(({ fields }) => (fields.promptIds ?? 0) > 0 && (fields.responseIds ?? 0) > 0)
      .length,
    pinned: false,
    pruned: false,
  }
  return { summary, spans, counted: new Set(counted.map(idOf)) }
}

function timeOf(spans: readonly SpanRow[], type: string): bigint {
  return spans
    .filter((span) => span.fields.type === type && span.endNs > span.startNs)
    .reduce((sum, span) => sum + span.endNs - span.startNs, 0n)
}

function survivors(copies: readonly SpanRow[]): SpanRow[] {
  const kept = new Map<string, SpanRow>()
  for (const copy of copies) {
    const known = kept.get(idOf(copy))
    const wins =
      known === undefined ||
      copy.endNs > known.endNs ||
      (copy.endNs === known.endNs &&
        (copy.attributeCount > known.attributeCount ||
          (copy.source.origin === 'legacy' && copy.parentSpanId === undefined)))
    if (wins) kept.set(idOf(copy), copy)
  }
  return [...kept.values()]
}

function idsAboveUsage(spans: readonly SpanRow[], carriers: readonly SpanRow[]): Set<string> {
  const byId = new Map(spans.map((span) => [idOf(span), span]))
  const above = new Set<string>()
  for (const carrier of carriers) {
    const reached = new Set<string>()
    let parent = parentOf(carrier)
    while (parent !== undefined && byId.has(parent) && !reached.has(parent)) {
      reached.add(parent)
      parent = parentOf(byId.get(parent) as SpanRow)
    }
    for (const id of reached) above.add(id)
  }
  return above
}

function outcome(
  endState: string | undefined,
  rootStatus: number,
  errors: number,
  rootKnown: boolean,
): TraceStatus {
  if (/^(fail|failed|failure|error)$/i.test(endState ?? '') || rootStatus === 2) return 'error'
  if (errors > 0 && !/^(success|ok)$/i.test(endState ?? '')) return 'error'
  return rootKnown ? 'ok' : 'running'
}

function idOf(span: SpanRow): string {
  return span.spanId.toString('hex')
}

function parentOf(span: SpanRow): string | undefined {
  const parent = span.parentSpanId?.toString('hex')
  return parent === idOf(span) ? undefined : parent
}

function rootRank(span: SpanRow): number {
  return parentOf(span) === undefined ? 0 : 1
}

function byTime(one: SpanRow, other: SpanRow): number {
  if (one.startNs !== other.startNs) return one.startNs < other.startNs ? -1 : 1
  return idOf(one) < idOf(other) ? -1 : 1
}

function carriesUsage({ fields }: SpanRow): boolean {
  return fields.cost !== undefined || Object.values(fields.usage ?? {}).some((count) => count !== undefined)
}

function totalOf({ fields: { usage } }: SpanRow): number | undefined {
  return usage?.total ?? sum([usage?.input, usage?.output])
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0)
}

function costSum(spans: readonly SpanRow[]): number | undefined {
  const units = sum(
    spans.map(({ fields: { cost } }) => (cost === undefined ? undefined : Math.round(cost * 1e12))),
  )
  return units === undefined ? undefined : units / 1e12
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined && text !== ''))].sort() as string[]
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
