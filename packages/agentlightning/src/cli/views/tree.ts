// One trace as a tree with its timeline: what was done, in which order, how long, and where it failed.
import type { SpanCall } from '../../store/calls.ts'
import type { TraceSummary, TreeSpan } from '../../store/contract.ts'
import type { SpanType } from '../../trace/fields.ts'
import { columnsOf, createPaint, type Look, type Paint } from './colors.ts'
import { FOLD_ABOVE, type Fold, type ForestRow, type Guides, layOut } from './forest.ts'
import { formatCost, formatCount, formatDuration, formatTime, formatTokens } from './format.ts'
import { markOf } from './table.ts'
import { cleanLine, cutText, fitText, textWidth } from './text.ts'

/** How a trace is to be drawn. */
export interface TreeLook extends Look {
  /** Draw each of many siblings of one name. */
  readonly all?: boolean
}

const TOKENS = 11
const DURATION = 9

/** A shape for each type, so that colour is not needed. One column each in every common terminal font. */
const icons: Readonly<Record<SpanType, string>> = {
  session: '◇',
  agent: '◆',
  llm: '▣',
  tool: 'ƒ',
  chain: '○',
  task: '▷',
  retriever: '≡',
  embedding: '∷',
  reranker: '⇅',
  guardrail: '⊘',
  evaluator: '✓',
  http: '⇄',
  other: '·',
}

interface Frame {
  readonly paint: Paint
  readonly width: number
  /** Columns for guides, icon, name and model. */
  readonly left: number
  readonly bar: number
  readonly levels: number
  readonly startNs: bigint
  readonly spanNs: bigint
}

/** Lines of a trace: its summary, then its spans. No line is wider than the terminal. */
export function renderTrace(trace: TraceSummary, spans: readonly TreeSpan[], look: TreeLook): string[] {
  const paint = createPaint(look.color)
  const rows = layOut(spans, { foldAbove: look.all ? Infinity : FOLD_ABOVE })
  const frame = frameOf(spans, rows, columnsOf(look), paint)
  const lines = [...summaryLines(trace, frame), '']
  if (spans.length > 0) lines.push(axisLine(frame))
  rows.forEach((row, at) => {
    lines.push(rowLine(row, frame))
    const error = cleanLine((row.fold ? row.fold.error : row.span.fields.error) ?? '')
    const leads = (rows[at + 1]?.depth ?? 0) > row.depth
    if (error !== '') lines.push(errorLine(row, error, leads, frame))
  })
  const folded = rows.reduce((sum, { fold }) => sum + (fold ? fold.spans.length + fold.below : 0), 0)
  if (folded > 0)
    lines.push('', paint.dim(cutText(`${formatCount(folded, 'span')} folded; --all draws each`, frame.width)))
  return lines
}

function frameOf(spans: readonly TreeSpan[], rows: readonly ForestRow[], width: number, paint: Paint): Frame {
  let first: bigint | undefined
  let last: bigint | undefined
  for (const { startNs, endNs } of spans) {
    if (first === undefined || startNs < first) first = startNs
    if (last === undefined || startNs > last) last = startNs
    if (endNs > last) last = endNs
  }
  const startNs = first ?? 0n
  const bars = width < 64 ? 0 : Math.min(60, Math.floor((width - 40) * 0.4))
  const most = width - DURATION - (bars > 0 ? bars + 2 : 0) - TOKENS - 1
  // At most half of the room goes to guides: deeper levels are told by number.
  const levels = Math.max(1, Math.floor(most / 6))
  let left = 24
  for (const row of rows) left = Math.max(left, widthOf(row, levels))
  left = Math.min(left, most)
  // What the names leave goes to the bars.
  const bar = bars === 0 ? 0 : Math.min(60, bars + most - left)
  return { paint, width, bar, left, levels, startNs, spanNs: (last ?? startNs) - startNs }
}

/** Columns that a row's guides, icon, name and remarks would like to have. */
function widthOf(row: ForestRow, levels: number): number {
  const { name, extra } = nameOf(row, Infinity)
  return Math.min(row.depth, levels) * 3 + 2 + textWidth(name) + textWidth(extra)
}

function summaryLines(trace: TraceSummary, { paint, width }: Frame): string[] {
  const name = cutText(cleanLine(trace.name) || '(no name)', Math.floor(width / 2))
  const errors = trace.errors > 0 ? formatCount(trace.errors, 'error') : ''
  const told = facts(width - 4 - textWidth(name), [
    formatDuration(trace.endNs - trace.startNs),
    errors,
    trace.totalTokens == null ? '' : `${formatTokens(trace.totalTokens)} tokens`,
    trace.cost == null ? '' : formatCost(trace.cost),
    trace.calls > 0 ? formatCount(trace.calls, 'call') : '',
    trace.tools > 0 ? formatCount(trace.tools, 'tool') : '',
    trace.calls > 0 ? `ids ${trace.callsWithIds}/${trace.calls}` : '',
    formatCount(trace.spans, 'span'),
  ])
  const about = facts(width - 2, [
    cleanLine(trace.traceId),
    trace.rootKnown ? '' : 'root not received',
    formatTime(trace.startNs),
    cleanLine(trace.agent ?? ''),
    cleanLine(trace.service ?? ''),
    trace.models.map(cleanLine).join(', '),
    trace.tags.map((tag) => `#${cleanLine(tag)}`).join(' '),
    trace.endState == null ? '' : `ended ${cleanLine(trace.endState)}`,
    trace.pruned ? 'older payloads removed' : '',
  ])
  const head = errors === '' ? told : told.replace(` ${errors}`, () => ` ${paint.error(errors)}`)
  return [`${markOf(trace.status, paint)} ${paint.strong(name)}  ${head}`, `  ${paint.dim(about)}`]
}

/** Facts on one line, as many as fit whole; empty ones are left out. */
function facts(room: number, all: readonly string[]): string {
  let line = ''
  for (const fact of all) {
    const longer = fact === '' ? line : line === '' ? fact : `${line} · ${fact}`
    if (textWidth(longer) <= room) line = longer
  }
  return line
}

/** `0` and the length of the trace at both ends of the bars. */
function axisLine({ paint, left, bar, spanNs }: Frame): string {
  if (bar === 0) return ''
  const end = formatDuration(spanNs)
  return paint.dim(`${' '.repeat(left + 1 + TOKENS + 2)}0${fitText(end, bar - 1, 'right')}`)
}

function rowLine(row: ForestRow, frame: Frame): string {
  const { paint, left, bar } = frame
  const { span, fold } = row
  const failed = fold ? fold.errors > 0 : span.statusCode === 2
  const color = failed ? paint.error : colorOf(span.type, paint)
  const guide = guideOf(row, frame.levels)
  const icon = failed ? '✕' : (icons[span.type] ?? icons.other)
  const room = left - textWidth(guide) - 2
  const { name, extra } = nameOf(row, room)
  const space = ' '.repeat(Math.max(0, room - textWidth(name) - textWidth(extra)))
  const label = `${paint.dim(guide)}${color(icon)} ${failed ? paint.error(name) : name}${paint.dim(extra)}${space}`
  const tokens = paint.dim(fitText(tokensOf(fold ? fold.spans : [span]), TOKENS, 'right'))
  const [from, to] = timesOf(fold ? fold.spans : [span])
  const took = fitText(durationOf(span, fold), DURATION, 'right')
  return `${label} ${tokens}${bar > 0 ? `  ${color(barOf(from, to, frame))}` : ''}${took}`
}

/** The name and, dimmed after it, what else is to be known; both together at most `room` columns. */
function nameOf({ span, top, fold }: ForestRow, room: number): { name: string; extra: string } {
  const full = cleanLine(span.name) || '(no name)'
  const model = cleanLine(span.fields.responseModel ?? span.fields.requestModel ?? '')
  const extras = [
    fold ? foldText(fold) : '',
    !fold && model !== '' && !full.includes(model) ? model : '',
    top === 'orphan' ? '(parent not received)' : '',
    top === 'loop' ? '(parents form a loop)' : '',
    span.endNs === 0n ? '(not ended)' : '',
    !fold && span.call ? idsText(span.call) : '',
  ].filter((extra) => extra !== '')
  const extra = extras.length === 0 ? '' : `  ${extras.join(' ')}`
  // The name keeps at least half of the room.
  const name = cutText(full, Math.max(Math.floor(room / 2), room - textWidth(extra)))
  return { name, extra: cutText(extra, room - textWidth(name)).trimEnd() }
}

/** `ids 8+3` for a call that has all of them, `no ids` where nothing recorded any, else its verdict. */
function idsText({ verdict, promptIds, responseIds }: SpanCall): string {
  if (verdict === 'ids.complete') return `ids ${promptIds ?? 0}+${responseIds ?? 0}`
  if (verdict === 'ids.not_on_span' || verdict === 'ids.not_in_event') return 'no ids'
  return verdict === 'ids.not_applicable' ? '' : verdict
}

function foldText({ spans, below, errors }: Fold): string {
  let slowest = 0n
  for (const { startNs, endNs } of spans) if (endNs - startNs > slowest) slowest = endNs - startNs
  const told = [
    `×${spans.length}`,
    errors > 0 ? formatCount(errors, 'error') : '',
    `slowest ${formatDuration(slowest)}`,
  ]
  if (below > 0) told.push(`${formatCount(below, 'span')} below`)
  return told.filter((part) => part !== '').join(' · ')
}

/** What went wrong, under its row; `leads`: the row's children follow. */
function errorLine(row: ForestRow, error: string, leads: boolean, frame: Frame): string {
  const { paint, levels, width } = frame
  const guide = `${guideOf(row, levels, '│  ', '   ')}${leads ? '│ ' : '  '}`
  return `${paint.dim(guide)}${paint.error(cutText(error, width - textWidth(guide)))}`
}

/** The lines that lead to a row; beyond `levels` the depth as a number, so that the room for names stays. */
function guideOf({ guides, depth }: ForestRow, levels: number, branch = '├─ ', end = '└─ '): string {
  if (!guides) return ''
  const own = guides.last ? end : branch
  if (depth > levels) return fitText(`${depth} ┄`, (levels - 1) * 3, 'right') + own
  let text = own
  for (let at: Guides | undefined = guides.above; at; at = at.above) text = (at.last ? '   ' : '│  ') + text
  return text
}

function tokensOf(spans: readonly TreeSpan[]): string {
  let input: number | undefined
  let output: number | undefined
  for (const { usage } of spans.map(({ fields }) => fields)) {
    if (usage?.input !== undefined) input = (input ?? 0) + usage.input
    if (usage?.output !== undefined) output = (output ?? 0) + usage.output
  }
  return input === undefined && output === undefined ? '' : `${formatTokens(input)}→${formatTokens(output)}`
}

function durationOf(span: TreeSpan, fold: Fold | undefined): string {
  if (!fold) return span.endNs === 0n ? '' : formatDuration(span.endNs - span.startNs)
  return formatDuration(
    fold.spans.reduce((sum, { startNs, endNs }) => sum + (endNs > startNs ? endNs - startNs : 0n), 0n),
  )
}

function timesOf(spans: readonly TreeSpan[]): [bigint, bigint] {
  let from = spans[0]?.startNs ?? 0n
  let to = from
  for (const { startNs, endNs } of spans) {
    if (startNs < from) from = startNs
    if (endNs > to) to = endNs
  }
  return [from, to]
}

/** Where in the trace a span ran: full blocks, a thin one for what is shorter than half a column. */
function barOf(from: bigint, to: bigint, { bar, startNs, spanNs }: Frame): string {
  const scale = spanNs > 0n ? bar / Number(spanNs) : 0
  const start = Number(from - startNs) * scale
  const end = Number((to > from ? to : from) - startNs) * scale
  const first = Math.min(bar - 1, Math.floor(start))
  const cells = Math.max(1, Math.min(bar, Math.round(end)) - first)
  const block = end - start < 0.5 ? '▏' : '▇'
  return ' '.repeat(first) + block.repeat(cells) + ' '.repeat(bar - first - cells)
}

function colorOf(type: SpanType, paint: Paint): (text: string) => string {
  if (type === 'llm' || type === 'embedding') return paint.llm
  if (type === 'agent' || type === 'session') return paint.agent
  if (type === 'tool') return paint.tool
  if (type === 'retriever' || type === 'reranker') return paint.retrieval
  return paint.dim
}
