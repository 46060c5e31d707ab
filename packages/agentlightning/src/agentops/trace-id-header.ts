// The `Trace-Id` header of console uploads.

const MAX = 2n ** 128n

/**
 * The trace id that a `Trace-Id` header names, as 32 hex digits; `undefined` when it names none.
 * AgentOps for Python sends the 128-bit id in decimal (0.4.7–0.4.21), the JS branch in hex. 32 digits without
 * a letter can be either: Python's user agent decides for decimal.
 */
export function traceIdOfHeader(header: string, userAgent: string): string | undefined {
  const text = header.trim().toLowerCase()
  const python = /python/i.test(userAgent)
  if (/^[0-9a-f]{32}$/.test(text) && !(python && /^\d+$/.test(text))) return text
  if (!/^\d{1,39}$/.test(text)) return undefined
  const value = BigInt(text)
  return value > 0n && value < MAX ? value.toString(16).padStart(32, '0') : undefined
}
