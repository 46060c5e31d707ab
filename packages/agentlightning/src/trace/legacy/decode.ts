// The span that the bytes of a legacy event, session or agent stand for: made on demand, since the log holds only
// what the client sent.
import { AglError } from '../../errors.ts'
import type { DecodedSpan } from '../../otlp/decode/types.ts'
import { eventSpan, type Place } from './event-span.ts'
import { agentSpanId, rootSpanId } from './ids.ts'
import { agentSpan, sessionSpan } from './session-span.ts'
import { objectOf, textOf } from './values.ts'

/**
 * Decodes one legacy object. Its span id tells what it is: a session's root, an agent, or else an event.
 * @throws AglError `AGL_BAD_BODY` for bytes that are no JSON object
 */
export function decodeLegacySpan(bytes: Buffer, at: Omit<Place, 'original'>): DecodedSpan {
  const original = bytes.toString('utf8')
  const place = { ...at, original }
  const value = objectOf(parse(original))
  if (!value) throw new AglError('AGL_BAD_BODY', { format: 'AgentOps', what: 'no object stands', at: 0 })
  if (at.spanId === rootSpanId(at.traceId)) return sessionSpan(value, place)
  const id = textOf(value.id)
  if (id !== undefined && at.spanId === agentSpanId(at.traceId, id)) return agentSpan(value, place)
  return eventSpan(value, place)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AglError('AGL_BAD_BODY', { format: 'AgentOps', what: (error as Error).message, at: 0 }, error)
  }
}
