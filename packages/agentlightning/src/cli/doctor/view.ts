// The doctor's findings as text: sections, a mark per finding, what to do below each problem.
import { type Finding, type Level, worstFirst } from '../../doctor/finding.ts'
import { columnsOf, createPaint, type Look } from '../views/colors.ts'
import { formatAgo } from '../views/format.ts'
import type { Examination } from './examine.ts'

const sections: readonly (readonly [title: string, prefixes: readonly string[]])[] = [
  ['Server', ['server', 'node', 'data_dir', 'disk', 'log', 'index', 'records', 'loop']],
  ['What arrives', ['requests', 'clients']],
  ['Gateway', ['gateway']],
  ['This shell', ['env', 'python', 'js']],
  ['Calls and traces', ['calls', 'call', 'ids', 'traces']],
]

const marks: Readonly<Record<Level, string>> = { ok: '✓', info: 'i', warn: '!', error: '✗' }
/** Findings whose sentence has the example. */
const isSaid = /^(requests|log)\./
const INDENT = '    '

/** The text, without a line break at its end: what is wrong, the worst first, then the rest by section. */
export function renderDoctor(
  { findings }: Pick<Examination, 'findings'>,
  look: Look,
  nowMs: number = Date.now(),
): string {
  const paint = createPaint(look.color)
  const width = columnsOf(look)
  const of = (...levels: readonly Level[]) => findings.filter(({ level }) => levels.includes(level))
  const rest = of('info', 'ok')
  return [
    ...section('What is wrong', worstFirst(of('error', 'warn'))),
    ...sections.flatMap(([title, prefixes]) =>
      section(title, worstFirst(rest.filter(({ code }) => prefixes.includes(code.split('.', 1)[0] ?? '')))),
    ),
    summary(),
  ].join('\n\n')

  function section(title: string, inside: readonly Finding[]): string[] {
    return inside.length === 0 ? [] : [[paint.strong(title), ...inside.flatMap(lines)].join('\n')]
  }

  function lines({ level, sentence, todo, code, examples = [], lastMs }: Finding): string[] {
    const mark = { ok: paint.tool, info: paint.accent, warn: paint.warn, error: paint.error }[level](
      marks[level],
    )
    const text = wrap(sentence, width - 4)
    const shown = [`  ${mark} ${text[0] ?? ''}`, ...text.slice(1).map((line) => INDENT + line)]
    if (level === 'ok') return shown
    const [example] = isSaid.test(code) ? [] : examples
    const newest = lastMs === undefined ? '' : `, newest ${formatAgo(toNs(lastMs), toNs(nowMs))}`
    const about = example === undefined ? newest : `${newest}, e.g. ${example}`
    return [
      ...shown,
      ...(todo === '' ? [] : wrap(`→ ${todo}`, width - 4).map((line) => INDENT + line)),
      paint.dim(`${INDENT}${code}${about}`),
    ]
  }

  function summary(): string {
    const [errors, warnings] = [of('error').length, of('warn').length]
    if (errors + warnings === 0) return paint.tool('Nothing is wrong.')
    const words = [
      ...(errors > 0 ? [paint.error(`${errors} error${errors === 1 ? '' : 's'}`)] : []),
      ...(warnings > 0 ? [paint.warn(`${warnings} warning${warnings === 1 ? '' : 's'}`)] : []),
    ]
    return `${words.join(' and ')}.\nEach code is explained in docs/doctor.md.`
  }
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n
}

/** What stays on one line: a command, which a line break would cut in two, or a word. */
const unbroken = /(?:`[^`]*`|\b(?:eval|pip install) "[^"]*"|(?<=: )(?:agl|curl) .*$|\S)+/g

/** Breaks at spaces; what is too long stays whole, so that commands can be copied. */
function wrap(text: string, width: number): string[] {
  const found: string[] = []
  for (const word of text.match(unbroken) ?? []) {
    const last = found.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      found[found.length - 1] = `${last} ${word}`
    else found.push(word)
  }
  return found
}
