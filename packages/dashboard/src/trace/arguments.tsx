import type { ReactNode } from 'react'
import { JsonView } from '../ui/json-view.tsx'
import { Clipped, LongText } from '../ui/long-text.tsx'
import { jsonOf } from '../ui/text.ts'

/** Arguments as a table of name and value, where they are an object; any other text as it is. */
export function Arguments({ text }: { text: string }): ReactNode {
  const value = jsonOf(text)
  if (value === undefined || Array.isArray(value)) return <LongText text={text} label="arguments" />
  const entries = Object.entries(value)
  if (entries.length === 0) return <p className="dim">none</p>
  return (
    <dl className="pairs">
      {entries.map(([name, member]: [string, unknown]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {typeof member === 'string' ? (
              <Clipped text={member} />
            ) : typeof member === 'object' && member !== null ? (
              <JsonView value={member} />
            ) : (
              <span className="json-number">{String(member)}</span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
