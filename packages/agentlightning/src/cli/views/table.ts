// The list of traces: one aligned line each, its first error beneath it.
import type { TraceStatus, TraceSummary } from '../../store/contract.ts'
import { columnsOf, createPaint, type Look, type Paint } from './colors.ts'
import { formatAgo, formatCost, formatDuration, formatShare, formatTokens, UNKNOWN } from './format.ts'
import { cleanLine, cutText, fitText, textWidth } from './text.ts'

/** Digits of a trace id that a list shows; `agl` takes any unique beginning. */
export const SHORT_ID = 8

const GAP = 2
const marks: Readonly<Record<TraceStatus, string>> = { ok: '●', error: '✕', running: '◌' }

interface Column {
  readonly title: string
  readonly cell: (trace: TraceSummary, nowNs: bigint) => string
  readonly align: 'left' | 'right'
  /** Columns it must have when it is cut; without it the column is never cut. */
  readonly least?: number
  /** Columns it gets at most while others have to be cut. */
  readonly most?: number
  /** The lowest goes first when the terminal is too narrow. */
  readonly worth: number
  readonly paint?: (paint: Paint) => (text: string) => string
}

const columns: readonly Column[] = [
  {
    title: 'name',
    cell: (trace) => cleanLine(trace.name) || '(no name)',
    align: 'left',
    least: 14,
    most: 40,
    worth: 9,
    paint: (paint) => paint.strong,
  },
  { title: 'agent', cell: agentOrService, align: 'left', least: 8, most: 24, worth: 3 },
  {
    title: 'started',
    cell: (trace, nowNs) => formatAgo(trace.startNs, nowNs),
    align: 'right',
    worth: 7,
    paint: (paint) => paint.dim,
  },
  {
    title: 'took',
    cell: (trace) => formatDuration(trace.endNs - trace.startNs),
    align: 'right',
    worth: 6,
  },
  { title: 'tokens', cell: (trace) => formatTokens(trace.totalTokens), align: 'right', worth: 5 },
  { title: 'cost', cell: (trace) => formatCost(trace.cost), align: 'right', worth: 4 },
  { title: 'models', cell: modelsOf, align: 'left', least: 8, most: 28, worth: 1 },
  {
    title: 'ids',
    cell: (trace) => formatShare(trace.callsWithIds, trace.calls),
    align: 'right',
    worth: 2,
  },
  {
    title: 'trace',
    cell: (trace) => cleanLine(trace.traceId).slice(0, SHORT_ID),
    align: 'left',
    worth: 8,
    paint: (paint) => paint.accent,
  },
]

/** Lines of a list of traces, in the order given, with a title line. No line is wider than the terminal. */
export function renderTraces(traces: readonly TraceSummary[], look: Look & { nowNs: bigint }): string[] {
  if (traces.length === 0) return []
  const paint = createPaint(look.color)
  const width = columnsOf(look)
  const rows = traces.map((trace) => columns.map((column) => column.cell(trace, look.nowNs)))
  const widths = layout(rows, width - 2)
  const line = (cells: readonly string[], style: (column: Column, text: string) => string): string => {
    const parts: string[] = []
    columns.forEach((column, at) => {
      const room = widths[at] as number
      if (room > 0) parts.push(style(column, fitText(cells[at] as string, room, column.align)))
    })
    return parts.join(' '.repeat(GAP))
  }
  const titles = columns.map((column) => column.title)
  const lines = [paint.dim(`  ${line(titles, (_, text) => text)}`.trimEnd())]
  traces.forEach((trace, at) => {
    const cells = line(rows[at] as string[], (column, text) => styled(column, text, trace, paint))
    lines.push(`${markOf(trace.status, paint)} ${cells}`.trimEnd())
    const error = cleanLine(trace.error ?? '')
    if (error !== '') lines.push(`  ${paint.dim('└')} ${paint.error(cutText(error, width - 4))}`)
  })
  return lines
}

/** The mark of a status: its shape says as much as its colour. */
export function markOf(status: TraceStatus, paint: Paint): string {
  if (status === 'error') return paint.error(marks.error)
  return status === 'running' ? paint.accent(marks.running) : (marks[status] ?? marks.ok)
}

function styled(column: Column, text: string, trace: TraceSummary, paint: Paint): string {
  if (column.title === 'ids' && trace.callsWithIds < trace.calls) return paint.warn(text)
  return text.trim() === UNKNOWN ? paint.dim(text) : (column.paint?.(paint)(text) ?? text)
}

/** The agent, else the service: who did it. */
function agentOrService(trace: TraceSummary): string {
  return cleanLine(trace.agent ?? trace.service ?? '')
}

/** `qwen3 +1`: the first model and how many more. */
function modelsOf(trace: TraceSummary): string {
  const [first, ...others] = trace.models
  if (first === undefined) return ''
  return others.length === 0 ? cleanLine(first) : `${cleanLine(first)} +${others.length}`
}

/** Columns for each; 0 leaves one out: those that say nothing, and the least worth until the rest fits. */
function layout(rows: readonly string[][], width: number): number[] {
  const natural = columns.map(({ title }, at) => {
    const content = rows.reduce((most, row) => Math.max(most, textWidth(row[at] as string)), 0)
    return content === 0 ? 0 : Math.max(content, title.length)
  })
  const least = (at: number): number => Math.min(natural[at] as number, columns[at]?.least ?? Infinity)
  const taken = (of: (at: number) => number): number =>
    natural.reduce((sum, n, at) => (n === 0 ? sum : sum + of(at) + GAP), -GAP)
  while (taken(least) > width) {
    const worths = columns.map(({ worth }, at) => (natural[at] === 0 ? Infinity : worth))
    natural[worths.indexOf(Math.min(...worths))] = 0
  }
  let spare = width - taken(least)
  const widths = natural.map((n, at) => (n === 0 ? 0 : least(at)))
  // A column each in turn, so that short contents are whole before long ones take the rest; first up to
  // what a column should have, then up to all that it asks for.
  for (const limit of [(at: number) => columns[at]?.most ?? Infinity, () => Infinity]) {
    const wants = (at: number): boolean => (widths[at] as number) < Math.min(natural[at] as number, limit(at))
    for (let given = true; given && spare > 0; ) {
      given = false
      for (let at = 0; at < widths.length && spare > 0; at++) {
        if (!wants(at)) continue
        widths[at] = (widths[at] as number) + 1
        spare--
        given = true
      }
    }
  }
  return widths
}
