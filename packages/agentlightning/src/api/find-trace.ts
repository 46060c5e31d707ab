// Traces by what a person writes of their id, and their spans.
import { AglError } from '../errors.ts'
import type { SpanAddress, StoreReader, TraceSummary } from '../store/contract.ts'

/** The trace of an id or of a unique beginning of one. */
export async function findTrace(store: StoreReader, id: string): Promise<TraceSummary> {
  const missing = () =>
    new AglError('AGL_NOT_FOUND', {
      what: `Trace ${id}`,
      todo: 'See `agl traces list` for the traces there are.',
    })
  if (!/^[0-9a-f]{1,32}$/.test(id)) {
    throw new AglError('AGL_BAD_REQUEST', {
      what: `A trace id is up to 32 hex digits, not «${id.slice(0, 64)}».`,
    })
  }
  if (id.length === 32) {
    const trace = await store.trace(id)
    if (!trace) throw (await removed(store, id)) ?? missing()
    return trace
  }
  const { items, cursor } = await store.listTraces({ filter: { idPrefix: id }, limit: 10 })
  if (items.length > 1) {
    throw new AglError('AGL_AMBIGUOUS_ID', { id, count: cursor ? `more than ${items.length}` : items.length })
  }
  if (!items[0]) throw missing()
  return items[0]
}

/** Where a span of a trace lies. Throws `AGL_NOT_FOUND`. */
export async function findSpan(store: StoreReader, traceId: string, spanId: string): Promise<SpanAddress> {
  const address = await store.spanAddress(traceId, spanId)
  if (address) return address
  const what = `Span ${spanId} of trace ${traceId}`
  throw new AglError('AGL_NOT_FOUND', { what, todo: 'The spans of the trace are listed with it.' })
}

/** What became of a trace that was there. */
async function removed(store: StoreReader, id: string): Promise<AglError | undefined> {
  const removal = await store.removal(id)
  if (!removal || removal.how === 'joined') return undefined
  const at = new Date(Number(removal.atNs / 1_000_000n)).toISOString()
  return new AglError(removal.how === 'deleted' ? 'AGL_TRACE_DELETED' : 'AGL_TRACE_PRUNED', { id, at })
}
