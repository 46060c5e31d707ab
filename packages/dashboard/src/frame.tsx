import { type ReactNode, useRef, useState } from 'react'
import { Help } from './help.tsx'
import { useKeys } from './keys.ts'
import { useLiveState } from './live.ts'
import { go, usePlace } from './navigation.ts'
import { toggleTheme } from './theme.ts'
import { Icon } from './ui/icons.tsx'
import { Link } from './ui/link.tsx'

const pages = [
  { to: '/traces', name: 'Traces' },
  { to: '/logs', name: 'Logs' },
  { to: '/metrics', name: 'Metrics' },
  { to: '/doctor', name: 'Health' },
] as const

/** The bar on top, and what is below it. */
export function Frame({ children }: { children: ReactNode }): ReactNode {
  const help = useRef<HTMLDialogElement>(null)
  const { path } = usePlace()
  const current = pages.find(({ to }) => to === path)?.to ?? '/traces'
  const [note, setNote] = useState('')
  useKeys({
    theme: toggleTheme,
    help: () => help.current?.showModal(),
    traces: () => go('/traces'),
    logs: () => go('/logs'),
    metrics: () => go('/metrics'),
    health: () => go('/doctor'),
    copyLink: () => {
      void navigator.clipboard.writeText(location.href).then(() => setNote('Link copied'))
      setTimeout(() => setNote(''), 2000)
    },
  })
  return (
    <>
      <header className="bar">
        <Link className="brand" to="/traces">
          <Icon name="bolt" />
          agl
        </Link>
        <nav aria-label="Pages">
          {pages.map(({ to, name }) => (
            <Link key={to} to={to} aria-current={to === current ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <span className="bar-note" role="status">
          {note}
        </span>
        <LiveMark />
        <button
          type="button"
          className="plain"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => help.current?.showModal()}
        >
          <Icon name="keyboard" />
        </button>
        <button
          type="button"
          className="plain"
          aria-label="Dark or light"
          title="Dark or light (t)"
          onClick={toggleTheme}
        >
          <Icon name="moon" />
        </button>
      </header>
      <main>{children}</main>
      <Help dialog={help} />
    </>
  )
}

function LiveMark(): ReactNode {
  const { connection, rate } = useLiveState()
  const words =
    connection === 'lost'
      ? 'server is gone, reconnecting'
      : connection === 'connecting'
        ? 'connecting'
        : rate > 0
          ? `recording ${rate.toLocaleString('en')} span${rate === 1 ? '' : 's'}/s`
          : 'listening'
  return (
    <Link to="/doctor" className={`live ${connection}${rate > 0 ? ' busy' : ''}`} title="Health (g h)">
      <span className="live-dot" aria-hidden="true" />
      <span className="live-words">{words}</span>
    </Link>
  )
}
