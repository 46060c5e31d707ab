// Writing on a span that is full: OpenTelemetry's JavaScript SDK refuses the newest attribute above its limit, 128
// unless configured, which would be the ids of exactly the long trajectories.
import type { Attributes, AttributeValue, OtelSpan } from './otel.ts'

/** What the server keeps of one span. */
export const ATTRIBUTE_LIMIT = 4096
const SDK_DEFAULT = 128

/** Sets attributes, whether or not the span is full. */
export function setOnSpan(span: OtelSpan, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) setOne(span, key, value)
}

/** Lets an SDK's span that has the default limit keep as many attributes as the server does. */
export function raiseLimit(span: OtelSpan): void {
  const limits = span._spanLimits
  if (limits?.attributeCountLimit === SDK_DEFAULT)
    span._spanLimits = { ...limits, attributeCountLimit: ATTRIBUTE_LIMIT }
}

function setOne(span: OtelSpan, key: string, value: AttributeValue): void {
  const limits = span._spanLimits
  if (limits?.attributeCountLimit === undefined) {
    span.setAttribute(key, value)
    return
  }
  // The limits object belongs to all spans of its tracer: this one gets a copy for a moment.
  span._spanLimits = { ...limits, attributeCountLimit: Number.POSITIVE_INFINITY }
  try {
    span.setAttribute(key, value)
  } finally {
    span._spanLimits = limits
  }
}
