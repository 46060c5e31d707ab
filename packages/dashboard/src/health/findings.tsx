import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Link } from '../ui/link.tsx'
import type { Finding, Level } from './health-api.ts'

const levels: Readonly<Record<Level, { readonly icon: IconName; readonly word: string }>> = {
  error: { icon: 'error', word: 'Error' },
  warn: { icon: 'warning', word: 'Warning' },
  info: { icon: 'info', word: 'Note' },
  ok: { icon: 'ok', word: 'In order' },
}

/** The worst first; what is in order is folded away. */
export function Findings({ findings }: { findings: readonly Finding[] }): ReactNode {
  const of = (level: Level) => findings.filter((one) => one.level === level)
  const [errors, warnings, good] = [of('error'), of('warn'), of('ok')]
  const problems = errors.length + warnings.length
  return (
    <section aria-label="Findings">
      <h2>
        {problems === 0
          ? 'Nothing is wrong'
          : [count(errors.length, 'error'), count(warnings.length, 'warning')].filter(Boolean).join(', ')}
      </h2>
      <List findings={[...errors, ...warnings, ...of('info')]} />
      <details>
        <summary>{count(good.length, 'check')} in order</summary>
        <List findings={good} />
      </details>
      <p className="dim">
        This shell, Python and Node packages are looked at by <code>agl doctor</code> in the terminal.
      </p>
    </section>
  )
}

function List({ findings }: { findings: readonly Finding[] }): ReactNode {
  return (
    <ul>
      {findings.map((finding) => (
        <Row key={`${finding.code} ${finding.subject} ${finding.todo}`} finding={finding} />
      ))}
    </ul>
  )
}

function Row({ finding: { code, level, sentence, todo, examples = [] } }: { finding: Finding }): ReactNode {
  const { icon, word } = levels[level]
  const links = examples.map((id) => [id, placeOf(id)] as const).filter(([, place]) => place !== undefined)
  return (
    <li className={`finding ${level}`}>
      <Icon name={icon} />
      <div>
        <p>
          <span className="sr">{word}: </span>
          {sentence}
        </p>
        {todo === '' ? null : <p>{todo}</p>}
        {level === 'ok' ? null : (
          <p className="dim mono">
            {code}
            {links.map(([id, place]) => (
              <Link key={id} to={place as string}>
                {id.slice(0, 12)}
              </Link>
            ))}
          </p>
        )}
      </div>
    </li>
  )
}

/** Where a trace or the span of a call is shown; a call of the gateway has no page of its own. */
function placeOf(id: string): string | undefined {
  const [, trace, span] = /^([0-9a-f]{32})(?:-([0-9a-f]{16}))?$/.exec(id) ?? []
  if (trace === undefined) return undefined
  return span === undefined ? `/traces/${trace}` : `/traces/${trace}?span=${span}`
}

function count(number: number, word: string): string {
  return number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`
}
