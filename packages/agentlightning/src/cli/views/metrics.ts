// Metric series in the terminal: a table, and a line drawn with block characters.
import type { MetricSeries, SeriesPoints } from '../../store/signals.ts'
import { columnsOf, createPaint, type Look } from './colors.ts'
import { formatTime, UNKNOWN } from './format.ts'
import { attributesLine, formatNumber, pointValue, unitWord } from './metric-values.ts'
import { cleanLine, cutText, fitText, textWidth } from './text.ts'

const GAP = '  '
const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

const titles = ['metric', 'service', 'type', 'points', 'newest'] as const
const most = [44, 20, 12, 9, 20] as const

/** Lines of a list of series, with a title line. No line is wider than the terminal. */
export function renderSeries(series: readonly MetricSeries[], look: Look): string[] {
  const paint = createPaint(look.color)
  const rows = series.map((one) => [
    cleanLine(one.name),
    cleanLine(one.service ?? UNKNOWN),
    typeWord(one),
    one.points.toLocaleString('en'),
    one.last ? `${formatNumber(pointValue(one.last))} ${unitWord(one.unit)}`.trim() : UNKNOWN,
  ])
  const widths = titles.map((title, at) =>
    Math.min(most[at] as number, Math.max(title.length, ...rows.map((row) => textWidth(row[at] as string)))),
  )
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => fitText(cell, widths[at] as number, at > 2 ? 'right' : 'left')).join(GAP)
  const width = columnsOf(look)
  return [
    paint.dim(cutText(line(titles), width)),
    ...series.map((one, at) => {
      const cells = line(rows[at] as string[])
      const room = width - textWidth(cells) - GAP.length
      const shown = attributesLine(one)
      const attributes = room < 8 || shown === '' ? '' : `${GAP}${paint.dim(cutText(shown, room))}`
      return `${cutText(cells, width)}${attributes}`.trimEnd()
    }),
  ]
}

/** Lines of one series: what it is, its points as bars, and between which times and values. */
export function renderPoints({ series, points, complete }: SeriesPoints, look: Look): string[] {
  const paint = createPaint(look.color)
  const width = columnsOf(look)
  const about = [series.service ?? '', typeWord(series), attributesLine(series)]
    .map(cleanLine)
    .filter(Boolean)
  const lines = [
    `${paint.strong(cutText(cleanLine(series.name), width))}`,
    paint.dim(cutText(about.join(' · '), width)),
  ]
  const values = points.map(pointValue).filter((value) => value !== undefined)
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || values.length === 0) return [...lines, paint.dim('no points in this time'), '']
  const unit = unitWord(series.unit)
  lines.push(paint.accent(sparkline(values, width)))
  const [least, greatest] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number])
  const range = `${formatNumber(least)} to ${formatNumber(greatest)}, newest ${formatNumber(values.at(-1))} ${unit}`
  lines.push(cutText(range.trim(), width))
  lines.push(paint.dim(cutText(`${formatTime(first.timeNs)} – ${formatTime(last.timeNs)} UTC`, width)))
  if (!complete) lines.push(paint.dim('only the newest 200,000 points'))
  return [...lines, '']
}

/** `sum`, or `sum Δ` for one that counts anew each time. */
function typeWord({ type, temporality }: MetricSeries): string {
  const word = type === 'exponentialHistogram' ? 'histogram' : type
  return temporality === 1 ? `${word} Δ` : word
}

function sparkline(values: readonly number[], width: number): string {
  const cells = Math.min(width, values.length)
  const means = Array.from({ length: cells }, (_, cell) => {
    const part = values.slice(
      Math.floor((cell * values.length) / cells),
      Math.floor(((cell + 1) * values.length) / cells),
    )
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const least = means.reduce((a, b) => Math.min(a, b))
  const span = means.reduce((a, b) => Math.max(a, b)) - least
  const level = (mean: number) => (span > 0 ? Math.round(((mean - least) / span) * (bars.length - 1)) : 3)
  return means.map((mean) => bars[level(mean)]).join('')
}
