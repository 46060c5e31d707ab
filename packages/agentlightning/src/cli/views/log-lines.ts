// Log records in the terminal: a line each, safe to print.
import type { LogRecordSummary } from '../../store/signals.ts'
import { columnsOf, createPaint, type Look, type Paint } from './colors.ts'
import { formatTime } from './format.ts'
import { type SeverityWord, severityWord } from './severity.ts'
import { cleanLine, cutText } from './text.ts'

const LEVEL = 5

/** Lines of log records, in the order given. No line is wider than the terminal. */
export function renderLogRecords(records: readonly LogRecordSummary[], look: Look): string[] {
  const paint = createPaint(look.color)
  const width = columnsOf(look)
  return records.map((record) => {
    const time = formatTime(record.timeNs)
    const word = severityWord(record.severityNumber)
    const level = (word || cleanLine(record.severityText)).slice(0, LEVEL).padEnd(LEVEL)
    const event = record.eventName === undefined ? '' : `[${cleanLine(record.eventName)}] `
    const room = width - time.length - LEVEL - 2
    const line = cutText(`${event}${cleanLine(record.preview)}`, room)
    return `${paint.dim(time)} ${painted(word, paint)(level)} ${line}`.trimEnd()
  })
}

function painted(word: SeverityWord, paint: Paint): (text: string) => string {
  if (word === 'error' || word === 'fatal') return paint.error
  if (word === 'warn') return paint.warn
  return word === 'info' ? paint.accent : paint.dim
}
