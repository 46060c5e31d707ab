// Strings, ids and numbers of OTLP/JSON from the bytes that hold them.
import { exactInteger } from './value-text.ts'

const BACKSLASH = 0x5c

/**
 * The text of a string whose characters lie at [start, end): escapes resolved, bad UTF-8 and lone surrogates
 * replaced.
 */
export function jsonText(body: Buffer, start: number, end: number): string {
  const text = body.toString('utf8', start, end)
  if (!hasEscape(body, start, end)) return text
  return (JSON.parse(`"${text}"`) as string).toWellFormed()
}

function hasEscape(body: Buffer, start: number, end: number): boolean {
  for (let p = start; p < end; p++) if (body[p] === BACKSLASH) return true
  return false
}

/**
 * An id of `size` bytes from the characters at [start, end): hex in either case as OTLP/JSON has it, or base64 as
 * the plain protobuf mapping has it. `undefined` when it is neither.
 */
export function jsonId(body: Buffer, start: number, end: number, size: number): Buffer | undefined {
  if (isHex(body, start, end, size)) return hexBytes(body, start, size)
  const text = jsonText(body, start, end)
  if (text.length === size * 2 && /^[0-9a-fA-F]*$/.test(text)) return Buffer.from(text, 'hex')
  if (text.length > size * 2 || !/^[-A-Za-z0-9+/_]*={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === size ? bytes : undefined
}

/** True when the characters at [start, end) are an id of `size` bytes in hex: the usual case. */
function isHex(body: Buffer, start: number, end: number, size: number): boolean {
  if (end - start !== size * 2) return false
  for (let p = start; p < end; p++) if (hexDigits[body[p]!]! > 15) return false
  return true
}

function hexBytes(body: Buffer, start: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  for (let i = 0, p = start; i < size; i++, p += 2) {
    bytes[i] = (hexDigits[body[p]!]! << 4) | hexDigits[body[p + 1]!]!
  }
  return bytes
}

/** True for an id in hex that is not all zero. */
export function isHexId(body: Buffer, start: number, end: number, size: number): boolean {
  if (!isHex(body, start, end, size)) return false
  for (let p = start; p < end; p++) if (body[p] !== 0x30) return true
  return false
}

const hexDigits = new Uint8Array(256).fill(255)
for (let value = 0; value < 16; value++) {
  hexDigits[value.toString(16).charCodeAt(0)] = value
  hexDigits[value.toString(16).toUpperCase().charCodeAt(0)] = value
}

/** True for up to 19 digits: what almost every exporter sends. */
export function isPlainTime(body: Buffer, start: number, end: number): boolean {
  if (end - start > 19 || end === start) return false
  for (let p = start; p < end; p++) if (body[p]! < 0x30 || body[p]! > 0x39) return false
  return true
}

/** The unsigned 64-bit integer in a string or number at [start, end), or `undefined`. Empty text is 0. */
export function jsonTime(body: Buffer, start: number, end: number): bigint | undefined {
  if (start === end) return 0n
  if (isPlainTime(body, start, end)) return BigInt(body.toString('latin1', start, end))
  const text = exactInteger(jsonText(body, start, end))
  if (text === undefined) return undefined
  const value = BigInt(text)
  return value >= 0n && value < 1n << 64n ? value : undefined
}

/** The number of an enum value at [start, end): its digits, or its name by `names`. Unknown is 0. */
export function jsonEnum(
  body: Buffer,
  start: number,
  end: number,
  names: Readonly<Record<string, number>>,
): number {
  const digit = body[start]! - 0x30
  if (end - start === 1 && digit >= 0 && digit <= 9) return digit
  const text = jsonText(body, start, end)
  const digits = exactInteger(text)
  if (digits !== undefined) return Number(digits) | 0
  return Object.hasOwn(names, text) ? names[text]! : 0
}

/** SpanKind by its name in trace.proto. */
export const spanKinds: Readonly<Record<string, number>> = {
  SPAN_KIND_UNSPECIFIED: 0,
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
}

/** StatusCode by its name in trace.proto. */
export const statusCodes: Readonly<Record<string, number>> = {
  STATUS_CODE_UNSET: 0,
  STATUS_CODE_OK: 1,
  STATUS_CODE_ERROR: 2,
}
