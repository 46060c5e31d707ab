// Values on their way into and out of columns.
const MAX_INTEGER = 2n ** 63n - 1n

/** A time as SQLite holds it: 0 to 2^63 - 1. */
export function storedTime(ns: bigint): bigint {
  if (ns < 0n) return 0n
  return ns > MAX_INTEGER ? MAX_INTEGER : ns
}

/** A blob column as a Buffer over the same bytes. */
export function blob(value: unknown): Buffer {
  const bytes = value as Uint8Array
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A REAL or INTEGER column that may be NULL. */
export function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value)
}

/** A TEXT column that may be NULL. */
export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Bytes of a trace id in hex, `undefined` for anything else. */
export function traceIdBytes(hex: string): Buffer | undefined {
  return /^[0-9a-f]{32}$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined
}

/** Bytes of a span id in hex, `undefined` for anything else. */
export function spanIdBytes(hex: string): Buffer | undefined {
  return /^[0-9a-f]{16}$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined
}
