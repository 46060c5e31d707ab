// The first pass over an ExportTraceServiceRequest in protobuf, and its visit.

import { readSpan } from './protobuf-span.ts'
import { checkAttributes, resourceShape, scopeShape } from './protobuf-values.ts'
import { ProtobufContext, ProtobufSpan } from './protobuf-view.ts'
import { allowedDepth, columns, SpanTable } from './span-table.ts'
import type { ScanLimits, ScanResult, Slice, SpanView } from './span-view.ts'
import { contextProblem, tooDeep } from './value-limits.ts'
import { malformedWire, Wire } from './wire.ts'

const TRACE_ID = 16
const SPAN_ID = 8

/** Parts of one resource or scope, of which every encoder writes one. */
const MOST_PARTS = 100

/** Bytes of a name or key that a rejection may show, before it is cut to characters. */
const SHOWN_BYTES = 400

const REQUEST_FIELDS = 0b10
const RESOURCE_SPANS_FIELDS = 0b1110
const SCOPE_SPANS_FIELDS = 0b1110

/**
 * Scans an `ExportTraceServiceRequest` (opentelemetry-proto collector/trace/v1) without decoding it.
 * `visit` is called after the whole body has been checked, so that no span of a malformed body is seen.
 * A span with a broken id, above `limits.spanBytes`, nested too deep or with too long an array is rejected alone. Throws
 * `AGL_BAD_BODY` with the byte offset when the body, or anything in a span, is malformed.
 */
export function scanProtobufTraces(
  body: Buffer,
  limits: ScanLimits,
  visit?: (span: SpanView) => void,
): ScanResult {
  const scan = new ProtobufScan(body, limits, visit !== undefined)
  scan.request()
  if (visit) {
    const view = new ProtobufSpan(scan.wire, scan.table, limits.spanAttributes)
    scan.table.forEach((base) => {
      view.move(base)
      visit(view)
    })
  }
  return { accepted: scan.table.accepted, rejected: scan.table.rejections() }
}

class ProtobufScan {
  readonly wire: Wire
  readonly table: SpanTable<ProtobufContext>
  readonly #spanBytes: number
  readonly #depth: number

  constructor(body: Buffer, limits: ScanLimits, keep: boolean) {
    this.wire = new Wire(body, limits)
    this.table = new SpanTable(keep)
    this.#spanBytes = limits.spanBytes
    this.#depth = allowedDepth(limits)
  }

  request(): void {
    const { wire } = this
    const end = wire.body.length
    let p = 0
    while (p < end) {
      const tag = wire.tag(p, end)
      p = wire.pos
      if (tag === 0x0a) {
        const stop = wire.enter(p, end)
        this.#resourceSpans(wire.pos, stop)
        p = stop
      } else {
        p = wire.skip(tag, p, end, REQUEST_FIELDS)
      }
    }
  }

  #resourceSpans(start: number, end: number): void {
    const resource = this.#slices(start, end, RESOURCE_SPANS_FIELDS)
    const shallow = resource.every((part) =>
      checkAttributes(this.wire, part.start, part.end, resourceShape, this.#depth),
    )
    const problem = shallow ? undefined : contextProblem('resource', this.#valueProblem())
    const mark = problem && this.table.mark()
    this.#fieldTwo(start, end, (from, to) => this.#scopeSpans(from, to, resource))
    if (mark) this.table.rejectSince(mark, problem)
  }

  #scopeSpans(start: number, end: number, resource: readonly Slice[]): void {
    const { wire, table } = this
    const scope = this.#slices(start, end, SCOPE_SPANS_FIELDS)
    const shallow = scope.every((part) =>
      checkAttributes(wire, part.start, part.end, scopeShape, this.#depth),
    )
    const problem = shallow ? undefined : contextProblem('scope', this.#valueProblem())
    const mark = problem && table.mark()
    table.openContext(new ProtobufContext(wire, resource, scope))
    this.#fieldTwo(start, end, (from, to) => this.#span(from, to))
    table.closeContext()
    if (mark) table.rejectSince(mark, problem)
  }

  #span(start: number, end: number): void {
    const { table, wire } = this
    const base = table.begin()
    wire.failedKey = undefined
    const problem =
      end - start > this.#spanBytes
        ? `a span is larger than ${this.#spanBytes} bytes`
        : readSpan(wire, start, end, table.rows, base, this.#depth)
          ? problemOfIds(wire.body, table.rows, base)
          : this.#valueProblem()
    if (problem === undefined) {
      table.accept()
      return
    }
    const text = (start: number, end: number) =>
      wire.body.toString('utf8', start, Math.min(end, start + SHOWN_BYTES))
    table.reject(
      problem,
      () => {
        const name = table.rows[base + columns.name]!
        return text(name, name + table.rows[base + columns.nameLength]!)
      },
      () => (wire.failedKey ? text(wire.failedKey.start, wire.failedKey.end) : ''),
    )
  }

  /** Why the check of values that failed last did so. */
  #valueProblem(): string {
    return this.wire.problem ?? tooDeep(this.#depth)
  }

  /** Where field 1, the resource or scope, lies in the message at [start, end). More than one are merged. */
  #slices(start: number, end: number, known: number): Slice[] {
    const { wire } = this
    const slices: Slice[] = []
    let p = start
    while (p < end) {
      const tag = wire.tag(p, end)
      p = wire.pos
      if (tag === 0x0a) {
        const stop = wire.enter(p, end)
        if (slices.length === MOST_PARTS)
          throw malformedWire('a field that may occur once occurs again and again', p)
        slices.push({ start: wire.pos, end: stop })
        p = stop
      } else {
        p = wire.skip(tag, p, end, tag === 0x12 || tag === 0x1a ? 0 : known)
      }
    }
    return slices
  }

  /** Calls `enter` for each field 2, the scopes or spans, of a message that `#slices` has passed over. */
  #fieldTwo(start: number, end: number, enter: (start: number, end: number) => void): void {
    const { wire } = this
    let p = start
    while (p < end) {
      const tag = wire.tag(p, end)
      p = wire.pos
      if (tag === 0x12) {
        const stop = wire.enter(p, end)
        enter(wire.pos, stop)
        p = stop
      } else {
        p = wire.skip(tag, p, end, 0)
      }
    }
  }
}

/** Why the ids of a row cannot be taken, or `undefined`. An all-zero parent is the parent of a root. */
function problemOfIds(body: Buffer, rows: Int32Array, base: number): string | undefined {
  const trace = rows[base + columns.trace]!
  if (rows[base + columns.traceLength] !== TRACE_ID) return `the trace id is not ${TRACE_ID} bytes`
  if (allZero(body, trace, TRACE_ID)) return 'the trace id is all zero'
  const span = rows[base + columns.span]!
  if (rows[base + columns.spanLength] !== SPAN_ID) return `the span id is not ${SPAN_ID} bytes`
  if (allZero(body, span, SPAN_ID)) return 'the span id is all zero'
  const parentLength = rows[base + columns.parentLength]!
  if (parentLength === 0) return undefined
  if (parentLength !== SPAN_ID) return `the parent span id is not ${SPAN_ID} bytes`
  if (allZero(body, rows[base + columns.parent]!, SPAN_ID)) rows[base + columns.parentLength] = 0
  return undefined
}

function allZero(body: Buffer, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (body[i] !== 0) return false
  return true
}
