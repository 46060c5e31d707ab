// Model calls for people: a list, and one call with its ids.
import type { CallSummary } from '../../store/calls.ts'
import type { Verdict } from '../../token-ids/index.ts'
import { columnsOf, createPaint, type Look } from './colors.ts'
import { formatAgo, formatDuration, formatTime, UNKNOWN } from './format.ts'
import { SHORT_ID } from './table.ts'
import { cleanLine, cutText, fitText, textWidth } from './text.ts'

/** A call as the read API answers. */
export interface CallAnswer {
  readonly call: CallSummary
  readonly promptTokenIds: readonly number[] | null
  readonly choices: readonly {
    readonly index: number
    readonly promptTokenIds?: readonly number[]
    readonly responseTokenIds: readonly number[] | null
    readonly logprobs: readonly (number | null)[] | null
    readonly finishReason: string | null
  }[]
  readonly verdict: Verdict
  readonly problems: readonly string[]
  readonly request: unknown
  readonly reply: unknown
}

/** Ids of a list that are shown unless all are asked for. */
const SHOWN_IDS = 24
const SHOWN_TEXT = 600

/** Lines of a list of calls, in the order given, with a title line. */
export function renderCalls(calls: readonly CallSummary[], look: Look & { nowNs: bigint }): string[] {
  const paint = createPaint(look.color)
  const titles = ['call', 'started', 'took', 'model', 'ids', 'verdict', 'rollout', 'trace']
  const rows = calls.map((call) => [
    shortId(call.id),
    formatAgo(call.startNs, look.nowNs),
    call.endNs > call.startNs ? formatDuration(call.endNs - call.startNs) : UNKNOWN,
    cleanLine(call.model ?? UNKNOWN),
    idsOf(call),
    call.verdict,
    cleanLine(call.rollout ?? ''),
    call.traceId.slice(0, SHORT_ID),
  ])
  const widths = titles.map((title, at) => {
    const content = rows.reduce((most, row) => Math.max(most, textWidth(row[at] as string)), 0)
    return content === 0 ? 0 : Math.min(Math.max(content, title.length), 40)
  })
  const line = (cells: readonly string[]): string => {
    const parts = cells.flatMap((cell, at) => (widths[at] ? [fitText(cell, widths[at] as number)] : []))
    return cutText(parts.join('  ').trimEnd(), columnsOf(look))
  }
  return [
    paint.dim(line(titles)),
    ...rows.map((row, at) => (isGood(calls[at]?.verdict) ? line(row) : paint.warn(line(row)))),
  ]
}

/** Lines of one call. `all`: every id. */
export function renderCall(answer: CallAnswer, look: Look & { all: boolean }): string[] {
  const { call, verdict, promptTokenIds, choices, problems } = answer
  const paint = createPaint(look.color)
  const width = columnsOf(look)
  const fact = (name: string, value: string | number | undefined): string[] =>
    value === undefined || value === ''
      ? []
      : [`  ${paint.dim(name.padEnd(11))} ${cutText(cleanLine(String(value)), width - 14)}`]
  const ids = (name: string, list: readonly number[] | null): string[] => {
    if (!list) return [`  ${paint.dim(name)}  ${UNKNOWN}`]
    const shown = look.all ? list : list.slice(0, SHOWN_IDS)
    const more = list.length - shown.length
    const text = `${shown.join(' ')}${more > 0 ? ` … ${more} more` : ''}`
    const head = `  ${paint.dim(`${name} ${list.length}`)}  `
    return look.all ? [head + text] : [head + cutText(text, Math.max(20, width - textWidth(name) - 10))]
  }
  const sayVerdict = isGood(verdict.code) ? paint.accent : paint.warn
  return [
    `${paint.strong(cleanLine(call.model ?? '(no model)'))}  ${call.id}`,
    ...fact('trace', call.traceId),
    ...fact('span', `${call.spanId}  (${sources[call.source]})`),
    ...fact(
      'started',
      `${formatTime(call.startNs)}${call.endNs > call.startNs ? `, took ${formatDuration(call.endNs - call.startNs)}` : ''}`,
    ),
    ...fact(
      'first token',
      call.firstTokenMs == null ? undefined : formatDuration(BigInt(Math.round(call.firstTokenMs * 1e6))),
    ),
    ...fact('rollout', [call.rollout, call.attempt].filter(Boolean).join(' / ')),
    ...fact('run', call.run ?? undefined),
    ...fact('upstream', [call.upstream, call.backend, call.weightVersion].filter(Boolean).join(' · ')),
    ...fact('response', call.responseId ?? undefined),
    ...fact('status', call.status ? `${call.status} ${call.outcome ?? ''}` : (call.outcome ?? undefined)),
    ...fact('error', call.error ?? undefined),
    '',
    `  ${sayVerdict(verdict.code)}  ${verdict.sentence}${verdict.detail === undefined ? '' : ` (${cleanLine(verdict.detail)})`}`,
    ...(verdict.todo === '' ? [] : [`  ${verdict.todo}`]),
    ...problems.map((problem) => `  ${paint.warn(cleanLine(problem))}`),
    '',
    ...(promptTokenIds || choices.every((choice) => !choice.promptTokenIds)
      ? ids('prompt', promptTokenIds)
      : []),
    ...choices.flatMap((choice) => [
      ...(promptTokenIds || !choice.promptTokenIds
        ? []
        : ids(`prompt ${choice.index}`, choice.promptTokenIds)),
      ...ids(`choice ${choice.index}`, choice.responseTokenIds),
      ...fact(
        '',
        [choice.finishReason ?? '', choice.logprobs ? `${choice.logprobs.length} logprobs` : '']
          .filter(Boolean)
          .join(' · '),
      ),
    ]),
    ...payload('request', answer.request, width, paint.dim),
    ...payload('reply', answer.reply, width, paint.dim),
  ]
}

const sources: Readonly<Record<CallSummary['source'], string>> = {
  gateway: 'recorded by the gateway',
  span: 'recorded by the program',
  both: 'recorded by the program and the gateway',
}

function payload(name: string, value: unknown, width: number, dim: (text: string) => string): string[] {
  if (value == null) return []
  const text = cleanLine(typeof value === 'string' ? value : JSON.stringify(value))
  return ['', `  ${dim(name)}`, `  ${cutText(text, Math.min(SHOWN_TEXT, (width - 2) * 4))}`]
}

/** `8+3`, and `–` for what is not there. */
function idsOf({ promptIds, responseIds }: CallSummary): string {
  if (!promptIds && !responseIds) return UNKNOWN
  return `${promptIds || UNKNOWN}+${responseIds || UNKNOWN}`
}

/** Enough of an id for `agl calls show`. */
function shortId(id: string): string {
  const [trace, span, ...rest] = id.split('-')
  const isSpan = rest.length === 0 && trace?.length === 32 && span !== undefined
  return isSpan ? `${trace.slice(0, SHORT_ID)}-${span}` : cleanLine(id).slice(0, SHORT_ID)
}

function isGood(code: string | undefined): boolean {
  return code === 'ids.complete' || code === 'ids.not_applicable'
}
