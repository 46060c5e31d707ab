// One pass over a Span message (opentelemetry-proto trace/v1): framing checked, offsets noted.
import { checkAttributes, checkKeyValue, eventShape, linkShape } from './protobuf-values.ts'
import { columns } from './span-table.ts'
import type { Wire } from './wire.ts'

const SPAN_FIELDS = 0b1_1111_1111_1111_1110
const STATUS_FIELDS = 0b1100

/**
 * Notes the fields of the span at [start, end) in the row at `base`. Fields may come in any order; of a
 * repeated scalar the last counts. False when a value is nested deeper than `depth`; throws `AGL_BAD_BODY`
 * when anything in it is malformed.
 */
export function readSpan(
  wire: Wire,
  start: number,
  end: number,
  rows: Int32Array,
  base: number,
  depth: number,
): boolean {
  rows[base + columns.start] = start
  rows[base + columns.end] = end
  let shallow = true
  let p = start
  while (p < end) {
    const tagAt = p
    const tag = wire.tag(p, end)
    p = wire.pos
    switch (tag) {
      case 0x0a: // trace_id
        p = noteBytes(wire, p, end, rows, base + columns.trace)
        break
      case 0x12: // span_id
        p = noteBytes(wire, p, end, rows, base + columns.span)
        break
      case 0x1a: // trace_state
        p = wire.enter(p, end)
        break
      case 0x22: // parent_span_id
        p = noteBytes(wire, p, end, rows, base + columns.parent)
        break
      case 0x2a: // name
        p = noteBytes(wire, p, end, rows, base + columns.name)
        break
      case 0x30: // kind
        rows[base + columns.kind] = wire.int32(p, end)
        p = wire.pos
        break
      case 0x39: // start_time_unix_nano
        rows[base + columns.startTime] = p
        p = wire.skipFixed(p, 8, end)
        break
      case 0x41: // end_time_unix_nano
        rows[base + columns.endTime] = p
        p = wire.skipFixed(p, 8, end)
        break
      case 0x4a: {
        // attributes
        const stop = wire.enter(p, end)
        shallow = shallow && checkKeyValue(wire, wire.pos, stop, depth)
        if (rows[base + columns.attributeCount]!++ === 0) rows[base + columns.attributes] = tagAt
        p = stop
        break
      }
      case 0x5a: {
        // events
        const stop = wire.enter(p, end)
        shallow = shallow && checkAttributes(wire, wire.pos, stop, eventShape, depth)
        if (rows[base + columns.eventCount]!++ === 0) rows[base + columns.events] = tagAt
        p = stop
        break
      }
      case 0x6a: {
        // links
        const stop = wire.enter(p, end)
        shallow = shallow && checkAttributes(wire, wire.pos, stop, linkShape, depth)
        rows[base + columns.linkCount]!++
        p = stop
        break
      }
      case 0x7a: {
        // status
        const stop = wire.enter(p, end)
        readStatus(wire, wire.pos, stop, rows, base)
        p = stop
        break
      }
      case 0x50: // dropped_attributes_count
      case 0x60: // dropped_events_count
      case 0x70: // dropped_links_count
        p = wire.skipVarint(p, end)
        break
      case 0x85: // flags
        p = wire.skipFixed(p, 4, end)
        break
      default:
        p = wire.skip(tag, p, end, SPAN_FIELDS)
    }
  }
  return shallow
}

/** Notes offset and length of the bytes at `p`, and returns their end. */
function noteBytes(wire: Wire, p: number, end: number, rows: Int32Array, column: number): number {
  const stop = wire.enter(p, end)
  rows[column] = wire.pos
  rows[column + 1] = stop - wire.pos
  return stop
}

function readStatus(wire: Wire, start: number, end: number, rows: Int32Array, base: number): void {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    if (tag === 0x12) {
      p = noteBytes(wire, p, end, rows, base + columns.message)
    } else if (tag === 0x18) {
      rows[base + columns.statusCode] = wire.int32(p, end)
      p = wire.pos
    } else {
      p = wire.skip(tag, p, end, STATUS_FIELDS)
    }
  }
}
