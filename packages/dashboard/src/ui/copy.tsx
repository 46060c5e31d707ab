import { type ReactNode, useState } from 'react'
import { Icon } from './icons.tsx'

/** A button that copies. */
export function Copy({ text, label = 'Copy' }: { text: string | (() => string); label?: string }): ReactNode {
  const [state, setState] = useState<'ready' | 'done' | 'failed'>('ready')
  const copy = () => {
    navigator.clipboard
      .writeText(typeof text === 'string' ? text : text())
      .then(
        () => setState('done'),
        () => setState('failed'),
      )
      .finally(() => setTimeout(() => setState('ready'), 1500))
  }
  return (
    <button type="button" className="plain copy" aria-label={label} title={label} onClick={copy}>
      <Icon name={state === 'done' ? 'ok' : state === 'failed' ? 'error' : 'copy'} />
      <span className="sr" role="status">
        {state === 'done' ? 'Copied' : state === 'failed' ? 'The browser did not let it be copied' : ''}
      </span>
    </button>
  )
}
