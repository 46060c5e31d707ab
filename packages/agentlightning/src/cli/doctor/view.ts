// The doctor's findings as text: sections, a mark per finding, what to do below each problem.
import type { Finding, Level } from '../../doctor/finding.ts'
import { columnsOf, createPaint, type Look } from '../views/colors.ts'
import type { Examination } from './examine.ts'

const sections: readonly (readonly [title: string, prefixes: readonly string[]])[] = [
  ['Server', ['server', 'node', 'data_dir', 'disk', 'index', 'records', 'loop']],
  ['What arrives', ['requests', 'clients']],
  ['Gateway', ['gateway']],
  ['This shell', ['env', 'python', 'js']],
  ['Calls and traces', ['calls', 'call', 'ids', 'traces']],
]

const marks: Readonly<Record<Level, string>> = { ok: '✓', info: 'i', warn: '!', error: '✗' }
const order: readonly Level[] = ['error', 'warn', 'info', 'ok']
const INDENT = '    '

/** The text, without a line break at its end. */
export function renderDoctor({ findings }: Pick<Examination, 'findings'>, look: Look): string {
  const paint = createPaint(look.color)
  const width = columnsOf(look)
  const parts = sections.flatMap(([title, prefixes]) => {
    const inside = findings.filter(({ code }) => prefixes.includes(code.split('.', 1)[0] ?? ''))
    if (inside.length === 0) return []
    const sorted = order.flatMap((level) => inside.filter((one) => one.level === level))
    return [[paint.strong(title), ...sorted.flatMap(lines)].join('\n')]
  })
  return [...parts, summary()].join('\n\n')

  function lines({ level, sentence, todo, code, examples = [] }: Finding): string[] {
    const mark = { ok: paint.tool, info: paint.accent, warn: paint.warn, error: paint.error }[level](
      marks[level],
    )
    const text = wrap(sentence, width - 4)
    const shown = [`  ${mark} ${text[0] ?? ''}`, ...text.slice(1).map((line) => INDENT + line)]
    if (level === 'ok') return shown
    const [example] = code.startsWith('requests') ? [] : examples
    const about = example === undefined ? '' : `, e.g. ${example}`
    return [
      ...shown,
      ...(todo === '' ? [] : wrap(`→ ${todo}`, width - 4).map((line) => INDENT + line)),
      paint.dim(`${INDENT}${code}${about}`),
    ]
  }

  function summary(): string {
    const count = (level: Level): number => findings.filter((one) => one.level === level).length
    const [errors, warnings] = [count('error'), count('warn')]
    if (errors + warnings === 0) return paint.tool('Nothing is wrong.')
    const words = [
      ...(errors > 0 ? [paint.error(`${errors} error${errors === 1 ? '' : 's'}`)] : []),
      ...(warnings > 0 ? [paint.warn(`${warnings} warning${warnings === 1 ? '' : 's'}`)] : []),
    ]
    return `${words.join(' and ')}.\nEach code is explained in docs/doctor.md.`
  }
}

/** Breaks at spaces; a word that is too long stays whole, so that commands can be copied. */
function wrap(text: string, width: number): string[] {
  const found: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = found.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      found[found.length - 1] = `${last} ${word}`
    else found.push(word)
  }
  return found
}
