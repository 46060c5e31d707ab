// The envelope that the requests of logs and metrics share in OTLP/JSON, and the members of objects in it.
import { JsonCursor, type JsonType } from './json-cursor.ts'
import { jsonFields, matchJson } from './json-fields.ts'
import { jsonText } from './json-text.ts'
import { excessOf, type Holder } from './json-value-limits.ts'
import { JsonContext } from './json-view.ts'
import { allowedDepth } from './span-table.ts'
import type { KeyTable, ScanLimits } from './span-view.ts'
import { contextProblem } from './value-limits.ts'
import { LONGEST_NUMBER } from './value-text.ts'

/** Brackets that one level of AnyValue may cost: `{"kvlistValue":{"values":[{`. */
const BRACKETS_PER_LEVEL = 4
const OTHER_BRACKETS = 16
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** A value in the text: where it lies, what it is, how many brackets deep, and how many commas are in it. */
export interface Member {
  readonly type: JsonType
  readonly start: number
  readonly end: number
  readonly levels: number
  readonly commas: number
}

/** The known members of an object; null stands for absent, and of a key given twice the last counts. */
export type Members<Field extends string> = { [Name in Field]?: Member | undefined }

/** The known members of the object at the cursor, which stands behind it afterwards. */
export function membersOf<Field extends string>(cursor: JsonCursor, fields: KeyTable<Field>): Members<Field> {
  const members: Members<Field> = {}
  if (!cursor.openObject()) return members
  do {
    cursor.key()
    const field = matchJson(fields, cursor)
    const member = memberAt(cursor)
    if (field !== undefined) members[field] = member.type === 'null' ? undefined : member
  } while (cursor.moreKeys())
  return members
}

/** The value at the cursor, which stands behind it afterwards. */
export function memberAt(cursor: JsonCursor): Member {
  const type = cursor.peek()
  const start = cursor.pos
  const end = cursor.skip()
  return { type, start, end, levels: cursor.levels, commas: cursor.allCommas }
}

/** The text of a string member; empty when absent. */
export function memberText(cursor: JsonCursor, member: Member | undefined): string {
  if (member?.type !== 'string') return ''
  cursor.pos = member.start
  cursor.string()
  return jsonText(cursor.body, cursor.start, cursor.end)
}

/** The text of a string or number member that may hold a number; `undefined` for anything else. */
export function memberDigits(cursor: JsonCursor, member: Member): string | undefined {
  if (member.end - member.start > LONGEST_NUMBER) return undefined
  if (member.type === 'string') return memberText(cursor, member)
  return member.type === 'number' ? cursor.body.toString('latin1', member.start, member.end) : undefined
}

/** The lists of a request, from the outside in: `resourceLogs`, `scopeLogs`, `logRecords`. */
export interface EnvelopeFields {
  readonly request: KeyTable<'list'>
  readonly resource: KeyTable<'list' | 'own'>
  readonly scope: KeyTable<'list' | 'own'>
  /** The names of the lists, for messages. */
  readonly names: readonly [string, string, string]
}

/** The fields of an envelope by the names of its lists. */
export function envelopeFields(...names: readonly [string, string, string]): EnvelopeFields {
  const named = (table: KeyTable<string>, own?: string): KeyTable<'list' | 'own'> => ({
    entries: new Map([...table.entries].map(([key, name]) => [key, name === own ? 'own' : 'list'])),
    match: (body, start, end) => {
      const name = table.match(body, start, end)
      return name === undefined ? undefined : name === own ? 'own' : 'list'
    },
  })
  return {
    request: named(jsonFields(names[0])) as KeyTable<'list'>,
    resource: named(jsonFields(names[1], 'resource'), 'resource'),
    scope: named(jsonFields(names[2], 'scope'), 'scope'),
    names,
  }
}

/** Told of each element of the innermost lists; `problem` is why none in its resource or scope can be taken. */
export type VisitElement = (element: Member, context: JsonContext, problem: string | undefined) => void

/**
 * Walks a request in OTLP/JSON, reading as widely as the scan of traces does. Throws `AGL_BAD_BODY` with the
 * byte offset for what is no JSON, or an envelope of the wrong shape.
 */
export function walkJson(
  body: Buffer,
  fields: EnvelopeFields,
  limits: ScanLimits,
  visit: VisitElement,
): void {
  const marked = body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
  const cursor = new JsonCursor(body, marked ? BYTE_ORDER_MARK.length : 0)
  if (cursor.peek() !== 'object') throw cursor.fail('the message is not an object', cursor.pos)
  const request = membersOf(cursor, fields.request)
  cursor.finish()
  eachObject(cursor, request.list, fields.names[0], (resourceAt) => {
    cursor.pos = resourceAt.start
    const resource = membersOf(cursor, fields.resource)
    const resourceSlot = slotOf(cursor, resource.own, 'resource')
    const ofResource = excessOfContext(cursor, resource.own, 'resource', limits)
    eachObject(cursor, resource.list, fields.names[1], (scopeAt) => {
      cursor.pos = scopeAt.start
      const scope = membersOf(cursor, fields.scope)
      const context = new JsonContext(body, resourceSlot, slotOf(cursor, scope.own, 'scope'))
      const problem = ofResource ?? excessOfContext(cursor, scope.own, 'scope', limits)
      eachElement(cursor, scope.list, fields.names[2], (element) => visit(element, context, problem))
    })
  })
}

/** Why the object at `at` exceeds what values are held to; `undefined` when it does not. */
export function excessOfMember(
  cursor: JsonCursor,
  at: Member,
  what: Holder,
  limits: ScanLimits,
): string | undefined {
  cursor.pos = at.end
  cursor.levels = at.levels
  cursor.allCommas = at.commas
  const depth = allowedDepth(limits)
  const excess = excessOf(cursor, at.start, what, { ...limits, depth })
  if (excess) return excess.problem
  const levels = depth * BRACKETS_PER_LEVEL + OTHER_BRACKETS
  return at.levels > levels ? `its values are nested deeper than ${levels} brackets` : undefined
}

function excessOfContext(
  cursor: JsonCursor,
  own: Member | undefined,
  what: 'resource' | 'scope',
  limits: ScanLimits,
): string | undefined {
  const problem = own && excessOfMember(cursor, own, 'holder', limits)
  return problem === undefined ? undefined : contextProblem(what, problem)
}

/** Calls `read` for each element of a list. */
export function eachElement(
  cursor: JsonCursor,
  list: Member | undefined,
  what: string,
  read: (element: Member) => void,
): void {
  if (!list) return
  if (list.type !== 'array') throw cursor.fail(`${what} is not an array`, list.start)
  cursor.pos = list.start
  if (!cursor.openArray()) return
  let next = cursor.pos
  for (let more = true; more; ) {
    cursor.pos = next
    const element = memberAt(cursor)
    more = cursor.moreElements()
    next = cursor.pos
    read(element)
  }
}

/** As `eachElement` for lists of objects, in which null is a hole. */
function eachObject(
  cursor: JsonCursor,
  list: Member | undefined,
  what: string,
  read: (element: Member) => void,
): void {
  eachElement(cursor, list, what, (element) => {
    if (element.type === 'null') return
    if (element.type !== 'object') {
      throw cursor.fail(`an element of ${what} is not an object`, element.start)
    }
    read(element)
  })
}

function slotOf(cursor: JsonCursor, own: Member | undefined, what: string) {
  if (own && own.type !== 'object') throw cursor.fail(`${what} is not an object`, own.start)
  return { slice: own && { start: own.start, end: own.end } }
}
