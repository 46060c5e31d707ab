// Where the sessions and events of a legacy body lie: found without parsing it, so that a row can point to them.
import { AglError, isAglError } from '../../errors.ts'
import { JsonCursor } from '../../otlp/scan/json-cursor.ts'
import { jsonText } from '../../otlp/scan/json-text.ts'
import { allowedDepth } from '../../otlp/scan/span-table.ts'
import type { Rejection, ScanLimits, ScanResult, Slice } from '../../otlp/scan/span-view.ts'

/** No SDK queues more than 512. */
const MOST_EVENTS = 100_000
/** Longest session id that is looked at. */
const LONGEST_ID = 512
const BRACKETS_PER_LEVEL = 4
const OTHER_BRACKETS = 16
/** Of any body of which nobody reads more than a few texts; what is kept is written again by recursion. */
const MOST_BRACKETS = 1000

/** What a body of events holds. */
export interface LocatedEvents {
  readonly events: readonly Slice[]
  /** Of the body; events may name their own. */
  readonly sessionId: string | undefined
  readonly rejected: readonly Rejection[]
}

/** What a body of a session holds. */
export interface LocatedSession {
  readonly session: Slice
  readonly sessionId: string | undefined
  /** True when it has an end time that is not null. */
  readonly ended: boolean
}

/** A member of an object, and where its value lies. */
interface Member extends Slice {
  readonly type: ReturnType<JsonCursor['peek']>
}

/**
 * Finds the events of `{"events": […], "session_id": …}`. Those that are no objects, larger than
 * `limits.spanBytes` or nested too deep are rejected alone.
 * @throws AglError `AGL_BAD_BODY` for a body that is no JSON or has no list of events
 */
export function locateEvents(body: Buffer, limits: ScanLimits): LocatedEvents {
  return named(() => {
    const cursor = new JsonCursor(body)
    const found = members(cursor, ['events', 'session_id'])
    cursor.finish()
    const list = found.get('events')
    if (list?.type !== 'array') throw cursor.fail('a list of events was expected', list?.start ?? 0)
    const deepest = deepestOf(limits)
    const rejected = new Map<string, number>()
    const events: Slice[] = []
    const at = new JsonCursor(body, list.start)
    if (at.openArray())
      do {
        const type = at.peek()
        const start = at.pos
        const end = at.skip()
        const reason = refusal(type, end - start, at.levels > deepest, limits.spanBytes)
        if (reason !== undefined) rejected.set(reason, (rejected.get(reason) ?? 0) + 1)
        else if (events.length === MOST_EVENTS) throw at.fail('there are more than 100,000 events', start)
        else events.push({ start, end })
      } while (at.moreElements())
    const sessionId = textIn(body, found.get('session_id'))
    return { events, sessionId, rejected: [...rejected].map(([reason, count]) => ({ reason, count })) }
  })
}

/** Checks a body of events as a scan of spans does. Throws as `locateEvents`. */
export function scanLegacyEvents(body: Buffer, limits: ScanLimits): ScanResult {
  const { events, rejected } = locateEvents(body, limits)
  return { accepted: events.length, rejected }
}

/** Number of the events of a body that nothing but a token could tell the session of. Throws as `locateEvents`. */
export function countWithoutSession(body: Buffer, limits: ScanLimits): number {
  const { events, sessionId } = locateEvents(body, limits)
  if (sessionId !== undefined) return 0
  const own = ({ start, end }: Slice) => readTexts(body.subarray(start, end), ['session_id']).session_id
  return events.filter((slice) => own(slice) === undefined).length
}

/**
 * Finds the session of `{"session": {…}}`.
 * @throws AglError `AGL_BAD_BODY` for a body that is no JSON, has no session, or one that is nested too deep
 */
export function locateSession(body: Buffer, limits: ScanLimits): LocatedSession {
  return named(() => {
    const cursor = new JsonCursor(body)
    const session = members(cursor, ['session'], deepestOf(limits)).get('session')
    cursor.finish()
    if (session?.type !== 'object') throw cursor.fail('a session was expected', session?.start ?? 0)
    const inner = members(new JsonCursor(body, session.start), ['session_id', 'end_timestamp'])
    const end = inner.get('end_timestamp')
    return {
      session: { start: session.start, end: session.end },
      sessionId: textIn(body, inner.get('session_id')),
      ended: end !== undefined && end.type !== 'null',
    }
  })
}

/** The texts of some members of the object that a body is. Throws as `locateSession`. */
export function readTexts<Key extends string>(
  body: Buffer,
  keys: readonly Key[],
): Partial<Record<Key, string>> {
  return named(() => {
    const cursor = new JsonCursor(body)
    const found = members(cursor, keys, MOST_BRACKETS)
    cursor.finish()
    const texts: Partial<Record<Key, string>> = {}
    for (const key of keys) {
      const text = textIn(body, found.get(key))
      if (text !== undefined) texts[key] = text
    }
    return texts
  })
}

/** Brackets that a session or event may be deep. */
function deepestOf(limits: ScanLimits): number {
  return allowedDepth(limits) * BRACKETS_PER_LEVEL + OTHER_BRACKETS
}

function refusal(type: string, bytes: number, deep: boolean, most: number): string | undefined {
  if (type !== 'object') return 'an event is not an object'
  if (bytes > most) return `an event is larger than ${most} bytes`
  return deep ? 'an event is nested too deep' : undefined
}

/**
 * The members with one of these keys of the object at the cursor; of a key given twice the last counts.
 * @param deepest brackets that a member may be deep, whatever its key
 */
function members(
  cursor: JsonCursor,
  keys: readonly string[],
  deepest = Number.POSITIVE_INFINITY,
): Map<string, Member> {
  const { body } = cursor
  if (cursor.peek() !== 'object') throw cursor.fail('an object was expected', cursor.pos)
  const found = new Map<string, Member>()
  if (!cursor.openObject()) return found
  do {
    cursor.key()
    const key = cursor.end - cursor.start > LONGEST_ID ? '' : jsonText(body, cursor.start, cursor.end)
    const type = cursor.peek()
    const start = cursor.pos
    const end = cursor.skip()
    if (cursor.levels > deepest) throw cursor.fail(`a value is nested deeper than ${deepest} brackets`, start)
    if (keys.includes(key)) found.set(key, { type, start, end })
  } while (cursor.moreKeys())
  return found
}

function textIn(body: Buffer, member: Member | undefined): string | undefined {
  if (member?.type !== 'string' || member.end - member.start > LONGEST_ID) return undefined
  return jsonText(body, member.start + 1, member.end - 1).trim() || undefined
}

/** Names the format of a body in its error. */
function named<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isAglError(error) || error.code !== 'AGL_BAD_BODY') throw error
    throw new AglError('AGL_BAD_BODY', { ...error.details, format: 'AgentOps' }, error)
  }
}
