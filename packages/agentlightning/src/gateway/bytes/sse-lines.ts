// Lines of an event stream as bytes (https://html.spec.whatwg.org/multipage/server-sent-events.html). A line ends with
// LF or CR LF; a bare CR, which no model server sends, stays part of its line.

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const dataField = Buffer.from('data:')
const eventField = Buffer.from('event:')

/** Bytes that tell every kind of line. */
export const KIND_BYTES = eventField.length

/** `more`: the bytes so far do not tell. */
export type LineKind = 'data' | 'event' | 'comment' | 'blank' | 'other' | 'more'

/** What kind of line begins with these bytes. */
export function lineKind(line: Uint8Array): LineKind {
  const first = line[0]
  if (first === undefined) return 'more'
  if (first === LF) return 'blank'
  if (first === CR) return line.length === 1 ? 'more' : line[1] === LF ? 'blank' : 'other'
  if (first === 0x3a) return 'comment'
  if (first === dataField[0]) return kindIf(line, dataField, 'data')
  if (first === eventField[0]) return kindIf(line, eventField, 'event')
  return 'other'
}

function kindIf(line: Uint8Array, field: Uint8Array, kind: LineKind): LineKind {
  for (let i = 0; i < field.length; i++) {
    if (i === line.length) return 'more'
    if (line[i] !== field[i]) return 'other'
  }
  return kind
}

/** Where the value of a `data` or `event` line starts, given its kind. */
export function valueStart(line: Uint8Array, kind: 'data' | 'event'): number {
  const colon = kind === 'data' ? dataField.length : eventField.length
  return line[colon] === SPACE ? colon + 1 : colon
}

/** Where the content of a line ends, before CR and LF. */
export function contentEnd(line: Uint8Array): number {
  let end = line.length
  if (line[end - 1] === LF) end--
  if (line[end - 1] === CR) end--
  return end
}
