// Reading the protobuf wire format in place (protobuf.dev/programming-guides/encoding).
import { AglError } from '../../errors.ts'
import type { ArrayLimits, Slice } from './span-view.ts'

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5
const LONGEST_VARINT = 10

const anyLength: ArrayLimits = {
  arrayIntegers: Number.POSITIVE_INFINITY,
  arrayElements: Number.POSITIVE_INFINITY,
}

/** The error of a body that is no protobuf message. `at` is a byte offset into the body. */
export function malformedWire(what: string, at: number): AglError {
  return new AglError('AGL_BAD_BODY', { format: 'OTLP protobuf', what, at })
}

/**
 * Reads tags, lengths and numbers of one body. Positions are passed in and `pos` says where a read ended, so
 * that callers keep their place in a local variable. Every read is held to the `end` of its message and
 * throws `AGL_BAD_BODY` beyond it.
 */
export class Wire {
  readonly body: Buffer
  /** The same bytes, to be read in words. */
  readonly view: DataView
  /** Where the last read ended. */
  pos = 0
  /** What the checks of values hold arrays to. */
  readonly arrays: ArrayLimits
  /** Why the check of a value that failed last did so, when it was not for its nesting. */
  problem: string | undefined
  /** Where the key of the attribute that failed last lies; of nested ones the outermost. */
  failedKey: Slice | undefined

  constructor(body: Buffer, arrays: ArrayLimits = anyLength) {
    this.body = body
    this.arrays = arrays
    this.view = new DataView(body.buffer, body.byteOffset, body.length)
  }

  /** The tag at `p` (field number × 8 + wire type). `p` must lie before `end`. */
  tag(p: number, end: number): number {
    const byte = this.body[p]!
    if (byte >= 0x80 || byte < 8) return this.#longTag(p, end)
    this.pos = p + 1
    return byte
  }

  /** Reads a length at `p`, leaves `pos` at its content, and returns where the content ends. */
  enter(p: number, end: number): number {
    let stop: number
    const length = p < end ? this.body[p]! : 0x80
    if (length < 0x80) {
      this.pos = p + 1
      stop = p + 1 + length
    } else {
      stop = this.varint(p, end) + this.pos
    }
    if (stop > end) throw malformedWire('a length runs past the end of its message', p)
    return stop
  }

  /** Where the varint at `p` ends. */
  skipVarint(p: number, end: number): number {
    const limit = Math.min(end, p + LONGEST_VARINT)
    for (let q = p; q < limit; q++) {
      if (this.body[q]! < 0x80) return q + 1
    }
    throw malformedWire(limit === end ? 'a number is cut off' : 'a number is longer than 10 bytes', p)
  }

  /** Where the `size` bytes at `p` end. */
  skipFixed(p: number, size: number, end: number): number {
    if (p + size > end) throw malformedWire('a number is cut off', p)
    return p + size
  }

  /** The varint at `p` as a number, inexact above 2^53. */
  varint(p: number, end: number): number {
    const stop = this.skipVarint(p, end)
    let value = 0
    for (let q = stop - 1; q >= p; q--) value = value * 128 + (this.body[q]! & 0x7f)
    this.pos = stop
    return value
  }

  /** The varint at `p` as a 32-bit signed integer: int32 and enums. */
  int32(p: number, end: number): number {
    const stop = this.skipVarint(p, end)
    let value = 0
    for (let q = p, shift = 0; q < stop && shift < 32; q++, shift += 7) {
      value |= (this.body[q]! & 0x7f) << shift
    }
    this.pos = stop
    return value
  }

  /** The varint at `p` as a signed 64-bit integer in decimal. */
  int64(p: number, end: number): string {
    const stop = this.skipVarint(p, end)
    if (stop - p <= 7) return String(this.varint(p, end))
    let value = 0n
    for (let q = stop - 1; q >= p; q--) value = (value << 7n) | BigInt(this.body[q]! & 0x7f)
    this.pos = stop
    return BigInt.asIntN(64, value).toString()
  }

  /** The varint at `p` as a bool: true when any bit is set. */
  bool(p: number, end: number): boolean {
    const stop = this.skipVarint(p, end)
    this.pos = stop
    for (let q = p; q < stop; q++) if ((this.body[q]! & 0x7f) !== 0) return true
    return false
  }

  /**
   * Where the value of a field that the caller has no case for ends.
   * @param known bit n set: field n is known, so that its being here means a wrong wire type
   */
  skip(tag: number, p: number, end: number, known: number): number {
    const field = tag >>> 3
    if (field < 32 && ((known >>> field) & 1) === 1) {
      throw malformedWire(`field ${field} has wire type ${tag & 7}`, p)
    }
    switch (tag & 7) {
      case VARINT:
        return this.skipVarint(p, end)
      case FIXED64:
        return this.skipFixed(p, 8, end)
      case LENGTH:
        return this.enter(p, end)
      case FIXED32:
        return this.skipFixed(p, 4, end)
      default:
        throw malformedWire(`field ${field} has the unsupported wire type ${tag & 7}`, p)
    }
  }

  #longTag(p: number, end: number): number {
    const tag = this.varint(p, end)
    if (tag < 8 || tag > 0xffffffff) throw malformedWire('a field number is out of range', p)
    return tag
  }
}
