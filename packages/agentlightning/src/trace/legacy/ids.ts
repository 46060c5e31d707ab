// Trace and span ids of what the SDKs before 0.4 sent: they know sessions, events and agents by UUID, or by none.
import { createHash } from 'node:crypto'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ALL_ZERO = '0'.repeat(32)

/** True for the text form of a UUID (RFC 9562). */
export function isUuid(text: string): boolean {
  return uuid.test(text)
}

/**
 * The trace id of a session as 32 hex digits: its UUID without dashes, as the hosted service has it; a hash of
 * anything else that a program chose for an id.
 */
export function traceIdOfSession(sessionId: string): string {
  const plain = isUuid(sessionId) ? sessionId.replaceAll('-', '').toLowerCase() : ALL_ZERO
  return plain === ALL_ZERO ? digest(32, 'session', sessionId) : plain
}

/** The span id (16 hex digits) of a session's root. */
export function rootSpanId(traceId: string): string {
  return digest(16, 'root', traceId)
}

/** The span id of an agent of a session. */
export function agentSpanId(traceId: string, agentId: string): string {
  return digest(16, 'agent', traceId, agentId.toLowerCase())
}

/** The span id of an event that has an id: errors point to the events that raised them by it. */
export function eventSpanId(traceId: string, eventId: string): string {
  return digest(16, 'event', traceId, eventId.toLowerCase())
}

/**
 * The span id of an event without one (SDKs before 0.1, errors before 0.3.19). A batch that is sent again gives the
 * same ids; `copy` tells equal events of one batch apart, from 0.
 */
export function contentSpanId(traceId: string, event: Uint8Array, copy: number): string {
  const hash = createHash('sha256').update(`content\0${traceId}\0${copy}\0`).update(event)
  return hash.digest('hex').slice(0, 16)
}

function digest(digits: number, ...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, digits)
}
