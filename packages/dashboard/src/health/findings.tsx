import type { ReactNode } from 'react'
import { formatAgo } from '../../../agentlightning/src/cli/views/format.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Link } from '../ui/link.tsx'
import type { Finding, Level, Place } from './health-api.ts'

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
  const nowMs = Date.now()
  return (
    <ul>
      {findings.map((finding) => (
        <Row key={`${finding.code} ${finding.subject} ${finding.todo}`} finding={finding} nowMs={nowMs} />
      ))}
    </ul>
  )
}

function Row({
  finding: { code, level, sentence, todo, places = [], lastMs },
  nowMs,
}: {
  finding: Finding
  nowMs: number
}): ReactNode {
  const { icon, word } = levels[level]
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
            <span>{code}</span>
            {lastMs === undefined ? null : <span>newest {formatAgo(toNs(lastMs), toNs(nowMs))}</span>}
            {places.map((place) => (
              <Link key={addressOf(place)} to={addressOf(place)}>
                {labelOf(place, places)}
              </Link>
            ))}
          </p>
        )}
      </div>
    </li>
  )
}

function addressOf({ traceId, spanId }: Place): string {
  return spanId === undefined ? `/traces/${traceId}` : `/traces/${traceId}?span=${spanId}`
}

/** The trace; where several are of one trace, with the span. */
function labelOf({ traceId, spanId }: Place, all: readonly Place[]): string {
  const isAlone = all.filter((place) => place.traceId === traceId).length === 1
  const trace = traceId.slice(0, 12)
  return isAlone || spanId === undefined ? trace : `${trace}/${spanId.slice(0, 6)}`
}

function toNs(ms: number): bigint {
  return BigInt(ms) * 1_000_000n
}

function count(number: number, word: string): string {
  return number === 0 ? '' : `${number} ${word}${number === 1 ? '' : 's'}`
}
