// Recorded requests of real clients: how they are kept, and what they say must be found.
import { messageType } from '../../../packages/agentlightning/src/otlp/scan/fixtures/otlp-proto.ts'
import type { KeyValue, WholeSpan } from '../otlp.ts'

/** One recorded request. `body` is text, or base64 where `base64` says so. */
export interface GoldenRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly base64?: true
}

/** All that one run of one client sent. */
export interface Golden {
  readonly client: string
  readonly requests: readonly GoldenRequest[]
}

/** Stands for the token that the server gives for a key. */
export const TOKEN = '{token}'
/** Stands for the token that the server gives for a session. */
export const SESSION_TOKEN = '{session token}'

/** The bytes of a recorded body. */
export function bytesOf({ body, base64 }: GoldenRequest): Buffer {
  return Buffer.from(body, base64 ? 'base64' : 'utf8')
}

/** The spans of a recorded OTLP body, read without the product. */
export function spansOf(request: GoldenRequest): WholeSpan[] {
  const bytes = bytesOf(request)
  const message = request.base64 ? messageType('Request').decode(bytes) : JSON.parse(bytes.toString('utf8'))
  const spans: WholeSpan[] = []
  for (const { resource, scopeSpans } of (message as Message).resourceSpans) {
    for (const { scope, spans: list } of scopeSpans)
      for (const span of list)
        spans.push(plain({ span, resource: resource ?? null, scope: scope ?? null }, !!request.base64))
  }
  return spans
}

interface Message {
  resourceSpans: {
    resource?: WholeSpan['resource']
    scopeSpans: { scope?: WholeSpan['scope']; spans: WholeSpan['span'][] }[]
  }[]
}

function plain(whole: WholeSpan, binaryIds: boolean): WholeSpan {
  const hex = (id: string | undefined) =>
    binaryIds ? Buffer.from(id ?? '', 'base64').toString('hex') : (id ?? '')
  const { span, resource, scope } = whole
  const attributes = (list: KeyValue[] | undefined) => list?.map(textIntegers) ?? []
  return {
    span: {
      ...span,
      traceId: hex(span.traceId),
      spanId: hex(span.spanId),
      parentSpanId: hex(span.parentSpanId),
      attributes: attributes(span.attributes),
      events: span.events?.map((event) => ({ ...event, attributes: attributes(event.attributes) })) ?? [],
      links:
        span.links?.map((link) => ({
          ...link,
          traceId: hex(link.traceId),
          spanId: hex(link.spanId),
          attributes: attributes(link.attributes),
        })) ?? [],
    },
    resource: resource ? { ...resource, attributes: attributes(resource.attributes) } : null,
    scope: scope ? { ...scope, attributes: attributes(scope.attributes) } : null,
  }
}

/** Integers as decimal text, as the specification has them: the JS SDK sends numbers. */
function textIntegers(pair: KeyValue): KeyValue {
  return JSON.parse(JSON.stringify(pair), (key, value: unknown) =>
    key === 'intValue' ? String(value) : value,
  ) as KeyValue
}
