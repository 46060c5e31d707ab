// What the public read routes of AgentOps are answered from.
import { AglError } from '../errors.ts'
import type { LogReader } from '../log/reader.ts'
import type { StoreReader, TraceSummary, TreeSpan } from '../store/contract.ts'
import { DEFAULT_PROJECT_ID } from '../store/default-project.ts'
import { type CostParts, costPartsOf } from '../trace/cost-parts.ts'
import type { Usage } from '../trace/fields.ts'
import { readPayload } from './decode-payload.ts'
import { type Nested, nested, type PublicSpan, publicCost, publicSpan } from './public-shapes.ts'

interface Sources {
  readonly store: StoreReader
  readonly log: Pick<LogReader, 'slice'>
  readonly spanAttributes: number
}

/** Which object, and the project of the token that asks. */
interface Asked {
  readonly id: string
  readonly project: string
}

/** Payload bytes of one answer: the hosted API has no pages. Spans beyond it come without their attributes. */
const MOST_BYTES = 32 * 1024 * 1024
const PAGE = 1000

/** A trace with all its spans and their attributes. */
export async function getPublicTrace(
  { store, log, spanAttributes }: Sources,
  asked: Asked,
): Promise<{
  trace_id: string
  project_id: string
  tags: readonly string[]
  spans: (PublicSpan & { span_attributes: Nested })[]
}> {
  const trace = await ownTrace(store, asked)
  const spans: (PublicSpan & { span_attributes: Nested })[] = []
  let cursor: string | undefined
  let bytes = 0
  do {
    const page = await store.spanAddresses(trace.traceId, {
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const address of page.items) {
      const { span } = readPayload({ log, spanAttributes }, address)
      bytes += address.span.length
      spans.push({ ...publicSpan(span), span_attributes: bytes > MOST_BYTES ? {} : nested(span.attributes) })
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return { trace_id: trace.traceId, project_id: trace.project, tags: trace.tags, spans }
}

/** Sums of a trace. The parts of the cost are those that the client gave: they need not add up to its total. */
export async function getPublicTraceMetrics(sources: Sources, asked: Asked): Promise<object> {
  const { store } = sources
  const trace = await ownTrace(store, asked)
  const priced: TreeSpan[] = []
  let cacheRead = 0
  let reasoning = 0
  await forEachSpan(store, trace.traceId, (span) => {
    const { fields, usageCounted } = span
    if (!usageCounted) return false
    if (fields.cost !== undefined) priced.push(span)
    cacheRead += fields.usage?.cacheRead ?? 0
    reasoning += fields.usage?.reasoning ?? 0
    return false
  })
  const parts = await costParts(sources, trace.traceId, priced)
  const said = trace.endState?.toLowerCase()
  const success = trace.status === 'ok' && (said === 'success' || said === 'ok')
  const cost = publicCost(trace.cost ?? 0)
  return {
    span_count: trace.spans,
    trace_count: 1,
    success_count: success ? 1 : 0,
    fail_count: trace.status === 'error' ? 1 : 0,
    indeterminate_count: success || trace.status === 'error' ? 0 : 1,
    prompt_tokens: trace.inputTokens ?? 0,
    completion_tokens: trace.outputTokens ?? 0,
    cache_read_input_tokens: cacheRead,
    reasoning_tokens: reasoning,
    total_tokens: trace.totalTokens ?? 0,
    prompt_cost: publicCost(parts.input),
    completion_cost: publicCost(parts.output),
    average_cost_per_trace: cost,
    total_cost: cost,
  }
}

/** One span, found by its id alone. */
export async function getPublicSpan({ store, log, spanAttributes }: Sources, asked: Asked): Promise<object> {
  const trace = await traceOfSpan(store, asked)
  const address = await store.spanAddress(trace.traceId, asked.id)
  if (!address) throw missing('Span not found')
  const { span, resource } = readPayload({ log, spanAttributes }, address)
  const resourceAttributes = nested(resource?.attributes ?? [])
  const service = resource?.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
  return {
    ...publicSpan(span),
    service_name: service,
    attributes: {},
    resource_attributes: resourceAttributes,
    span_attributes: nested(span.attributes),
  }
}

/** The counts of one span. */
export async function getPublicSpanMetrics(sources: Sources, asked: Asked): Promise<object> {
  const { store } = sources
  const trace = await traceOfSpan(store, asked)
  let found: TreeSpan | undefined
  await forEachSpan(store, trace.traceId, (span) => {
    if (span.spanId === asked.id) found = span
    return found !== undefined
  })
  if (!found) throw missing('Span not found')
  const usage: Usage = found.fields.usage ?? {}
  const parts = await costParts(sources, trace.traceId, found.fields.cost === undefined ? [] : [found])
  const total = usage.total ?? (usage.input ?? 0) + (usage.output ?? 0)
  return {
    total_tokens: total,
    prompt_tokens: usage.input ?? 0,
    completion_tokens: usage.output ?? 0,
    cache_read_input_tokens: usage.cacheRead ?? 0,
    reasoning_tokens: usage.reasoning ?? 0,
    success_tokens: found.statusCode === 1 ? total : 0,
    fail_tokens: found.statusCode === 2 ? total : 0,
    indeterminate_tokens: found.statusCode === 0 ? total : 0,
    prompt_cost: publicCost(parts.input),
    completion_cost: publicCost(parts.output),
    total_cost: publicCost(found.fields.cost ?? 0),
  }
}

/** The sums of the parts that the cost of these spans has. */
async function costParts(
  { store, log, spanAttributes }: Sources,
  traceId: string,
  priced: readonly TreeSpan[],
): Promise<CostParts> {
  let input = 0
  let output = 0
  let bytes = 0
  for (const { spanId, payloadBytes } of priced) {
    bytes += payloadBytes
    const address = bytes > MOST_BYTES ? undefined : await store.spanAddress(traceId, spanId)
    if (!address) continue
    const parts = costPartsOf(readPayload({ log, spanAttributes }, address).span)
    input += parts.input
    output += parts.output
  }
  return { input, output }
}

/** Calls `visit` for the spans of a trace by their start, until it returns true. */
async function forEachSpan(
  store: StoreReader,
  traceId: string,
  visit: (span: TreeSpan) => boolean,
): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await store.spans(traceId, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
    for (const span of page.items) if (visit(span)) return
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** The trace, if the asker may see it: one of another project is as good as none. */
async function ownTrace(store: StoreReader, { id, project }: Asked): Promise<TraceSummary> {
  const trace = await store.trace(id.toLowerCase().replaceAll('-', ''))
  if (!trace || !visible(trace, project)) throw missing('Trace not found')
  return trace
}

async function traceOfSpan(store: StoreReader, { id, project }: Asked): Promise<TraceSummary> {
  const traceId = await store.traceOfSpan(id)
  const trace = traceId === undefined ? undefined : await store.trace(traceId)
  if (!trace || !visible(trace, project)) throw missing('Span not found')
  return trace
}

/** Batches without a token lie in the default project: whoever sent them may ask with any key. */
function visible(trace: TraceSummary, project: string): boolean {
  return trace.project === project || trace.project === DEFAULT_PROJECT_ID
}

function missing(message: string): AglError {
  return new AglError('AGL_PUBLIC_MISSING', { message })
}
