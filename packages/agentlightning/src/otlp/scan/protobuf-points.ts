// Data points of metrics in protobuf (opentelemetry-proto metrics/v1): framing, and the numbers that charts need.
import { type AttributeHolder, checkAttributes, checkKeyValue } from './protobuf-values.ts'
import { type MetricType, type PointNumbers, unreadNumbers } from './signal-views.ts'
import { finite } from './value-text.ts'
import { malformedWire, type Wire } from './wire.ts'

type Role =
  | 'start'
  | 'time'
  | 'double'
  | 'int'
  | 'count'
  | 'sum'
  | 'min'
  | 'max'
  | 'attribute'
  | 'varint'
  | 'word'
  | 'words'
  | 'exemplar'
  | 'buckets'
  | 'quantile'

/** A message of data points: what its tags mean, and its known field numbers as bits. */
interface PointShape {
  readonly roles: ReadonlyMap<number, Role>
  readonly known: number
}

function shape(roles: Readonly<Record<number, Role>>): PointShape {
  const entries = Object.entries(roles).map(([tag, role]) => [Number(tag), role] as const)
  return {
    roles: new Map(entries),
    known: entries.reduce((bits, [tag]) => bits | (1 << (tag >>> 3)), 0),
  }
}

const times = { 17: 'start', 25: 'time' } as const
const numberPoint = shape({
  ...times,
  33: 'double',
  49: 'int',
  42: 'exemplar',
  58: 'attribute',
  64: 'varint',
})
const shapes: Readonly<Record<MetricType, PointShape>> = {
  gauge: numberPoint,
  sum: numberPoint,
  histogram: shape({
    ...times,
    33: 'count',
    41: 'sum',
    // Counts and bounds, packed or one by one.
    50: 'words',
    49: 'word',
    58: 'words',
    57: 'word',
    66: 'exemplar',
    74: 'attribute',
    80: 'varint',
    89: 'min',
    97: 'max',
  }),
  exponentialHistogram: shape({
    ...times,
    10: 'attribute',
    33: 'count',
    41: 'sum',
    48: 'varint',
    57: 'word',
    66: 'buckets',
    74: 'buckets',
    80: 'varint',
    90: 'exemplar',
    97: 'min',
    105: 'max',
    113: 'word',
  }),
  summary: shape({
    ...times,
    33: 'count',
    41: 'sum',
    50: 'quantile',
    58: 'attribute',
    64: 'varint',
  }),
}

const exemplar: AttributeHolder = {
  attributes: 0x3a,
  others: [0x11, 0x19, 0x22, 0x2a, 0x31],
  known: 0b1111_1100,
}
const NO_ATTRIBUTES = -1
const buckets: AttributeHolder = { attributes: NO_ATTRIBUTES, others: [0x08, 0x10, 0x12], known: 0b110 }
const quantile: AttributeHolder = { attributes: NO_ATTRIBUTES, others: [0x09, 0x11], known: 0b110 }

/** The tag of a point's attributes. */
export const pointAttributes: Readonly<Record<MetricType, number>> = {
  gauge: 0x3a,
  sum: 0x3a,
  histogram: 0x4a,
  exponentialHistogram: 0x0a,
  summary: 0x3a,
}

/**
 * Reads the data point at [start, end). `undefined` when an attribute is nested deeper than `depth`, or as `wire.problem` says; throws
 * `AGL_BAD_BODY` when anything in it is malformed. Of numbers that exclude each other the last counts.
 */
export function readPoint(
  wire: Wire,
  start: number,
  end: number,
  type: MetricType,
  depth: number,
): PointNumbers | undefined {
  const { roles, known } = shapes[type]
  const { body } = wire
  const point: { -readonly [Name in keyof PointNumbers]: PointNumbers[Name] } = unreadNumbers(type)
  let shallow = true
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    p = wire.pos
    const role = roles.get(tag)
    const at = p
    switch (role) {
      case undefined:
        p = wire.skip(tag, p, end, known)
        continue
      case 'varint':
        p = wire.skipVarint(p, end)
        continue
      case 'attribute':
      case 'exemplar':
      case 'buckets':
      case 'quantile':
      case 'words': {
        const stop = wire.enter(p, end)
        shallow = checkPart(wire, wire.pos, stop, role, depth) && shallow
        p = stop
        continue
      }
    }
    p = wire.skipFixed(p, 8, end)
    if (role === 'start') point.startNs = body.readBigUInt64LE(at)
    else if (role === 'time') point.timeNs = body.readBigUInt64LE(at)
    else if (role === 'int') point.value = Number(body.readBigInt64LE(at))
    else if (role === 'count') point.count = Number(body.readBigUInt64LE(at))
    else if (role === 'double') point.value = finite(body.readDoubleLE(at))
    else if (role !== 'word') point[role] = finite(body.readDoubleLE(at))
  }
  return shallow ? point : undefined
}

/** False for attributes that exceed their limits; throws for what is malformed. */
function checkPart(
  wire: Wire,
  start: number,
  end: number,
  role: 'attribute' | 'exemplar' | 'buckets' | 'quantile' | 'words',
  depth: number,
): boolean {
  switch (role) {
    case 'attribute':
      return checkKeyValue(wire, start, end, depth)
    case 'exemplar':
      return checkAttributes(wire, start, end, exemplar, depth)
    case 'buckets':
      return checkAttributes(wire, start, end, buckets, depth)
    case 'quantile':
      return checkAttributes(wire, start, end, quantile, depth)
    case 'words':
      if ((end - start) % 8 !== 0) throw malformedWire('a packed list of 8-byte numbers is cut off', start)
      return true
  }
}
