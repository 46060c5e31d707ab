// The program's OpenTelemetry, through the place where its API keeps what is registered: no import, so that every
// copy of the API in the program is the same to us, and a program without one pays nothing.
// Source: the global of `@opentelemetry/api` 1.x, the same in all of its releases.

/** What a span attribute may be. */
export type AttributeValue = string | number | boolean | readonly string[] | readonly number[]

/** Attributes by name, in the order of writing. */
export type Attributes = Readonly<Record<string, AttributeValue>>

/** A span as the API has it, with the members of the SDK's own spans where it is one. */
export interface OtelSpan {
  setAttribute(key: string, value: AttributeValue): unknown
  setStatus(status: { code: number; message?: string }): unknown
  recordException?(error: unknown): void
  isRecording(): boolean
  spanContext?(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number }
  end(time?: unknown): void
  readonly name?: string
  readonly attributes?: Record<string, unknown>
  /** `sdk-trace-base` 1.x and 2.x. */
  _spanLimits?: { readonly attributeCountLimit?: number }
}

interface OtelContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): OtelContext
}

interface OtelGlobal {
  readonly trace?: {
    getTracer(name: string): {
      startSpan(name: string, options: object, context?: OtelContext): OtelSpan
    }
  }
  readonly context?: {
    active(): OtelContext
    with<T>(context: OtelContext, work: () => T): T
  }
}

const globalKey = Symbol.for('opentelemetry.js.api.1')
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN')
const CLIENT = 2

function otel(): OtelGlobal | undefined {
  return (globalThis as unknown as Record<symbol, OtelGlobal | undefined>)[globalKey]
}

/** The span that is active here; undefined without one, or without a context manager. */
export function activeSpan(): OtelSpan | undefined {
  const span = otel()?.context?.active().getValue(spanKey)
  return isSpan(span) ? unwrapped(span) : undefined
}

/** Starts a span below the active one; undefined where no provider would record it. */
export function startSpan(name: string, startTime?: number): OtelSpan | undefined {
  const api = otel()
  const tracer = api?.trace?.getTracer('agentlightning')
  if (!tracer) return undefined
  const options = { kind: CLIENT, ...(startTime === undefined ? {} : { startTime }) }
  const span = tracer.startSpan(name, options, api?.context?.active() ?? noContext)
  return isSpan(span) && span.isRecording() ? span : undefined
}

/** The span as W3C Trace Context names it; undefined for one without a context. */
export function traceparentOf(span: OtelSpan): string | undefined {
  const context = span.spanContext?.()
  if (!context || !/^[0-9a-f]{32}$/.test(context.traceId) || !/^[0-9a-f]{16}$/.test(context.spanId))
    return undefined
  return `00-${context.traceId}-${context.spanId}-0${context.traceFlags & 1}`
}

/** Does `work` with the span active. */
export function withSpan<T>(span: OtelSpan, work: () => T): T {
  const context = otel()?.context
  return context ? context.with(context.active().setValue(spanKey, span), work) : work()
}

// A provider can be registered without a context manager.
const noContext: OtelContext = {
  getValue: () => undefined,
  setValue: () => noContext,
}

/** The SDK's own span below a wrapper such as OpenInference's, which cannot be read. */
function unwrapped(span: OtelSpan & { readonly span?: unknown }): OtelSpan {
  return span.attributes === undefined && isSpan(span.span) ? unwrapped(span.span) : span
}

function isSpan(value: unknown): value is OtelSpan {
  const span = value as Partial<OtelSpan> | undefined
  return typeof span?.setAttribute === 'function' && typeof span.isRecording === 'function'
}
