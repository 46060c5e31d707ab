// The envelope that the requests of logs and metrics share: resources, scopes, and a list of messages in each.
import { type AttributeHolder, checkAttributes, resourceShape, scopeShape } from './protobuf-values.ts'
import { ProtobufContext } from './protobuf-view.ts'
import type { Slice } from './span-view.ts'
import { contextProblem, tooDeep } from './value-limits.ts'
import { malformedWire, type Wire } from './wire.ts'

/** Parts of one resource or scope, of which every encoder writes one. */
const MOST_PARTS = 100

const REQUEST_FIELDS = 0b10
const LIST_FIELDS = 0b1110
const PART = 0x0a
const ELEMENT = 0x12
const SCHEMA_URL = 0x1a

/** Told of each message; `problem` is why none in its resource or scope can be taken. */
export type VisitMessage = (
  start: number,
  end: number,
  context: ProtobufContext,
  problem: string | undefined,
) => void

/**
 * Walks an `ExportLogsServiceRequest` or `ExportMetricsServiceRequest` (opentelemetry-proto collector). Throws
 * `AGL_BAD_BODY` with the byte offset where the envelope, a resource or a scope is malformed.
 */
export function walkProtobuf(wire: Wire, depth: number, visit: VisitMessage): void {
  const end = wire.body.length
  let p = 0
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === PART) {
      const stop = wire.enter(p, end)
      walkResource(wire, wire.pos, stop, depth, visit)
      p = stop
    } else {
      p = wire.skip(tag, p, end, REQUEST_FIELDS)
    }
  }
}

function walkResource(wire: Wire, start: number, end: number, depth: number, visit: VisitMessage): void {
  const resource = partsOf(wire, start, end)
  const within = (parts: readonly Slice[], shape: AttributeHolder) =>
    parts.every((part) => checkAttributes(wire, part.start, part.end, shape, depth))
  const ofResource = within(resource, resourceShape)
    ? undefined
    : contextProblem('resource', wire.problem ?? tooDeep(depth))
  eachElement(wire, start, end, (from, to) => {
    const scope = partsOf(wire, from, to)
    const ofScope = within(scope, scopeShape)
      ? undefined
      : contextProblem('scope', wire.problem ?? tooDeep(depth))
    const problem = ofResource ?? ofScope
    const context = new ProtobufContext(wire, resource, scope)
    eachElement(wire, from, to, (first, last) => visit(first, last, context, problem))
  })
}

/** Where field 1, the resource or scope, lies. More than one are parts of one. */
function partsOf(wire: Wire, start: number, end: number): Slice[] {
  const parts: Slice[] = []
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === PART) {
      const stop = wire.enter(p, end)
      if (parts.length === MOST_PARTS)
        throw malformedWire('a field that may occur once occurs again and again', p)
      parts.push({ start: wire.pos, end: stop })
      p = stop
    } else {
      p = wire.skip(tag, p, end, tag === ELEMENT || tag === SCHEMA_URL ? 0 : LIST_FIELDS)
    }
  }
  return parts
}

/** Calls `enter` for each field 2 of a message that `partsOf` has passed over. */
function eachElement(
  wire: Wire,
  start: number,
  end: number,
  enter: (start: number, end: number) => void,
): void {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    const content = wire.pos
    p = wire.skip(tag, content, end, 0)
    if (tag !== ELEMENT) continue
    wire.enter(content, end)
    enter(wire.pos, p)
  }
}
