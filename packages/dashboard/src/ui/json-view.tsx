import { type ReactNode, useState } from 'react'
import { Clipped } from './long-text.tsx'

/** Members of one level that are shown before one asks for more. */
const SHOWN = 100
/** Levels that are open at first. */
const OPEN_DEPTH = 2

/** JSON, folded by depth. */
export function JsonView({ value }: { value: object }): ReactNode {
  return (
    <div className="json">
      <Level value={value} depth={0} />
    </div>
  )
}

function Level({ value, depth }: { value: object; depth: number }): ReactNode {
  const [shown, setShown] = useState(SHOWN)
  const entries = Object.entries(value)
  const list = Array.isArray(value)
  return (
    <ul>
      {entries.slice(0, shown).map(([key, member]) => (
        <Member key={key} name={key} value={member} depth={depth} list={list} />
      ))}
      {entries.length > shown ? (
        <li>
          <button type="button" className="small" onClick={() => setShown(shown * 10)}>
            Show more ({entries.length - shown} left)
          </button>
        </li>
      ) : null}
    </ul>
  )
}

function Member(props: { name: string; value: unknown; depth: number; list: boolean }): ReactNode {
  const { name, value, depth, list } = props
  const [open, setOpen] = useState(depth < OPEN_DEPTH)
  const label = <span className={list ? 'json-index' : 'json-key'}>{name}</span>
  if (typeof value !== 'object' || value === null) {
    return (
      <li>
        {label} <Leaf value={value} />
      </li>
    )
  }
  const size = Object.keys(value).length
  const summary = Array.isArray(value) ? `[${size}]` : `{${size}}`
  if (size === 0) {
    return (
      <li>
        {label} <span className="dim">{Array.isArray(value) ? '[]' : '{}'}</span>
      </li>
    )
  }
  return (
    <li>
      <button type="button" className="json-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {label} <span className="dim">{summary}</span>
      </button>
      {open ? <Level value={value} depth={depth + 1} /> : null}
    </li>
  )
}

function Leaf({ value }: { value: unknown }): ReactNode {
  if (typeof value !== 'string') return <span className="json-number">{String(value)}</span>
  return value.length > 300 || value.includes('\n') ? (
    <div className="json-text">
      <Clipped text={value} />
    </div>
  ) : (
    <span className="json-string">{value === '' ? '""' : value}</span>
  )
}
