// One span in full: everything that was sent, what a person asks for first.
import { columnsOf, createPaint, type Look, type Paint } from './colors.ts'
import { formatBytes, formatDuration, formatTime } from './format.ts'
import { cleanLine, cutText, fitText, textWidth, wrapText } from './text.ts'
import { type KeyValue, type ShownValue, showValue } from './values.ts'

/** A span with its resource and scope in OTLP's JSON form: what the read API answers. */
export interface WholeSpan {
  readonly span: {
    readonly traceId?: string
    readonly spanId?: string
    readonly parentSpanId?: string
    readonly name?: string
    readonly kind?: number
    readonly startTimeUnixNano?: string | number
    readonly endTimeUnixNano?: string | number
    readonly status?: { readonly code?: number; readonly message?: string }
    readonly attributes?: readonly KeyValue[]
    readonly events?: readonly {
      readonly timeUnixNano?: string | number
      readonly name?: string
      readonly attributes?: readonly KeyValue[]
    }[]
    readonly links?: readonly {
      readonly traceId?: string
      readonly spanId?: string
      readonly attributes?: readonly KeyValue[]
    }[]
    readonly droppedAttributesCount?: number
    readonly droppedEventsCount?: number
    readonly droppedLinksCount?: number
  }
  readonly resource?: { readonly attributes?: readonly KeyValue[] } | null
  readonly scope?: {
    readonly name?: string
    readonly version?: string
    readonly attributes?: readonly KeyValue[]
  } | null
}

/** How a span is to be drawn. */
export interface SpanLook extends Look {
  /** Show long values whole. */
  readonly all?: boolean
}

/** Lines of one value that are shown unless all are asked for. */
const SHOWN_LINES = 40

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const statuses = ['unset', 'ok', 'error']
const byKey = new Intl.Collator('en', { numeric: true })

interface Page {
  readonly paint: Paint
  readonly width: number
  readonly all: boolean
  readonly lines: string[]
}

/** Lines of one span. No line is wider than the terminal; control sequences in the data are removed. */
export function renderSpan(whole: WholeSpan, look: SpanLook): string[] {
  const page: Page = {
    paint: createPaint(look.color),
    width: columnsOf(look),
    all: look.all ?? false,
    lines: [],
  }
  const { span, resource, scope } = whole
  head(whole, page)
  attributes('Attributes', span.attributes, span.droppedAttributesCount, page)
  section('Events', span.events?.length, span.droppedEventsCount, page)
  for (const event of span.events ?? []) {
    const after = formatDuration(nsOf(event.timeUnixNano) - nsOf(span.startTimeUnixNano))
    put(page, 2, `${cleanLine(event.name ?? '') || '(no name)'}  +${after}`)
    pairs(event.attributes, 4, page)
  }
  section('Links', span.links?.length, span.droppedLinksCount, page)
  for (const link of span.links ?? []) {
    put(page, 2, `trace ${cleanLine(link.traceId ?? '')} span ${cleanLine(link.spanId ?? '')}`)
    pairs(link.attributes, 4, page)
  }
  attributes('Resource', resource?.attributes, 0, page)
  attributes('Scope', scope?.attributes, 0, page)
  return page.lines
}

function head({ span, scope }: WholeSpan, page: Page): void {
  const { paint, width, lines } = page
  const start = nsOf(span.startTimeUnixNano)
  const end = nsOf(span.endTimeUnixNano)
  const code = span.status?.code ?? 0
  const took = end === 0n ? 'not ended' : formatDuration(end - start)
  const mark = code === 2 ? paint.error('✕') : '●'
  const name = cutText(cleanLine(span.name ?? '') || '(no name)', width - took.length - 4)
  lines.push(`${mark} ${paint.strong(name)}  ${took}`)
  const facts: [string, string][] = [
    ['status', statuses[code] ?? String(code)],
    ['kind', kinds[span.kind ?? 0] ?? String(span.kind)],
    ['started', formatTime(start)],
    ['span', cleanLine(span.spanId ?? '')],
    ['parent', cleanLine(span.parentSpanId ?? '') || 'none'],
    ['trace', cleanLine(span.traceId ?? '')],
    ['scope', cleanLine(`${scope?.name ?? ''} ${scope?.version ?? ''}`)],
  ]
  for (const [label, fact] of facts) {
    if (fact !== '') lines.push(`  ${paint.dim(label.padEnd(8))} ${cutText(fact, width - 11)}`)
  }
  const message = cleanLine(span.status?.message ?? '')
  for (const line of message === '' ? [] : wrapText(message, width - 2)) lines.push(`  ${paint.error(line)}`)
}

function attributes(
  title: string,
  all: readonly KeyValue[] | undefined,
  dropped: number | undefined,
  page: Page,
) {
  section(title, all?.length, dropped, page)
  pairs(all, 2, page)
}

/** A title with how many follow; nothing when none do. */
function section(title: string, count: number | undefined, dropped: number | undefined, page: Page): void {
  if (!count && !dropped) return
  const lost = dropped ? `, ${dropped} dropped by the client` : ''
  page.lines.push(
    '',
    `${page.paint.strong(title)} ${page.paint.dim(cutText(`${count ?? 0}${lost}`, page.width - 12))}`,
  )
}

/** Key, type and value in columns; a value that does not fit beside its key stands beneath it. */
function pairs(all: readonly KeyValue[] | undefined, indent: number, page: Page): void {
  if (!all || all.length === 0) return
  const shown = all
    .map(({ key, value }) => ({ key: cleanLine(key), ...showValue(value, page.all) }))
    .sort((a, b) => byKey.compare(a.key, b.key))
  const room = page.width - indent
  const longest = (of: (pair: { key: string; type: string }) => string): number =>
    shown.reduce((most, pair) => Math.max(most, textWidth(of(pair))), 0)
  const keys = Math.min(
    longest(({ key }) => key),
    Math.floor(room * 0.45),
  )
  const types = Math.min(
    longest(({ type }) => type),
    12,
  )
  const beside = room - keys - types - 4
  const { accent, dim } = page.paint
  for (const pair of shown) {
    const [only = '', ...more] = pair.lines
    const columns = textWidth(pair.key) <= keys
    const key = columns ? fitText(pair.key, keys) : cutText(pair.key, room - types - 2)
    const fits = columns && more.length === 0 && textWidth(only) <= beside
    const value = fits && only !== '' ? `  ${only}` : ''
    const type = value === '' ? cutText(pair.type, types) : fitText(pair.type, types)
    page.lines.push(`${' '.repeat(indent)}${accent(key)}  ${dim(type)}${value}`)
    if (!fits) beneath(pair, indent + 4, page)
  }
}

function beneath({ lines }: ShownValue, indent: number, page: Page): void {
  const wrapped: string[] = []
  const limit = page.all ? Infinity : SHOWN_LINES
  const room = page.width - indent
  let at = 0
  for (; at < lines.length && wrapped.length <= limit; at++) {
    const line = (lines[at] as string).trimEnd()
    // What does not fit goes on under its own beginning, so that nesting can still be seen.
    const lead = Math.min(line.length - line.trimStart().length, Math.floor(room / 2))
    for (const part of wrapText(line.slice(lead), room - lead)) wrapped.push(' '.repeat(lead) + part)
  }
  const shown = wrapped.length <= limit ? wrapped : wrapped.slice(0, SHOWN_LINES)
  for (const line of shown) page.lines.push(`${' '.repeat(indent)}${line}`.trimEnd())
  if (shown.length === wrapped.length && at === lines.length) return
  const size = formatBytes(lines.reduce((sum, line) => sum + line.length + 1, -1))
  const note = cutText(`… cut after ${SHOWN_LINES} lines of ${size}; --all shows all`, room)
  page.lines.push(' '.repeat(indent) + page.paint.dim(note))
}

function put(page: Page, indent: number, text: string): void {
  page.lines.push(' '.repeat(indent) + cutText(text, page.width - indent))
}

/** A time of OTLP/JSON: decimal text of ns, or a number. 0 when it is neither. */
function nsOf(time: string | number | undefined): bigint {
  if (time === undefined) return 0n
  const text = String(time)
  return /^\d{1,20}$/.test(text) ? BigInt(text) : 0n
}
