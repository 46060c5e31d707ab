import { type ReactNode, useMemo, useState } from 'react'
import { formatBytes } from '../values.ts'
import { Copy } from './copy.tsx'
import { JsonView } from './json-view.tsx'
import { clipText, jsonOf } from './text.ts'

/** A text as it was sent: clipped, never run; as folded JSON where it is JSON. */
export function LongText({ text, label }: { text: string; label: string }): ReactNode {
  const json = useMemo(() => jsonOf(text), [text])
  const [asText, setAsText] = useState(false)
  return (
    <div className="long-text">
      <div className="long-text-tools">
        {json === undefined ? null : (
          <button
            type="button"
            className="plain small"
            aria-pressed={asText}
            onClick={() => setAsText(!asText)}
          >
            as text
          </button>
        )}
        <Copy text={text} label={`Copy ${label}`} />
      </div>
      {json === undefined || asText ? <Clipped text={text} /> : <JsonView value={json} />}
    </div>
  )
}

/** Text of which the first lines are shown, and more when asked for. */
export function Clipped({ text }: { text: string }): ReactNode {
  const [steps, setSteps] = useState(0)
  const { shown, left } = clipText(text, steps)
  return (
    <>
      <pre className="text">{shown}</pre>
      {left === 0 ? null : (
        <button type="button" className="small" onClick={() => setSteps(steps + 1)}>
          Show more ({formatBytes(left)} left)
        </button>
      )}
    </>
  )
}
