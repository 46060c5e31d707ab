import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError, saveKey } from '../api.ts'
import { connect } from '../live.ts'

/** What happened, why, and what to do. */
export function Problem({
  message,
  code,
  action,
}: {
  message: string
  code?: string
  action?: ReactNode
}): ReactNode {
  return (
    <div className="problem" role="alert">
      <p>{message}</p>
      {action === undefined || action === '' ? null : <p className="dim">{action}</p>}
      {code === undefined ? null : <p className="dim mono">{code}</p>}
    </div>
  )
}

/** An error of the server in its own words; a form where it wants a key. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }): ReactNode {
  if (!(error instanceof ApiError)) return <Problem message={String(error)} />
  if (error.status === 401) return <KeyForm message={error.message} />
  const again = retry ? (
    <button type="button" onClick={retry}>
      Try again
    </button>
  ) : null
  return (
    <Problem
      message={error.message}
      code={error.code}
      action={
        <>
          {error.action} {again}
        </>
      }
    />
  )
}

function KeyForm({ message }: { message: string }): ReactNode {
  const client = useQueryClient()
  const [key, setKey] = useState('')
  return (
    <form
      className="problem"
      onSubmit={(event) => {
        event.preventDefault()
        saveKey(key)
        connect()
        void client.resetQueries()
      }}
    >
      <p>{message}</p>
      <label>
        API key <input type="password" value={key} onChange={(event) => setKey(event.target.value)} />
      </label>{' '}
      <button type="submit">Use this key</button>
    </form>
  )
}

/** Nothing for 200 ms, then the shape of what comes, after 3 s what is waited for. */
export function Waiting({ what, cancel }: { what: string; cancel?: () => void }): ReactNode {
  const [stage, setStage] = useState(0)
  useEffect(() => {
    const timers = [setTimeout(() => setStage(1), 200), setTimeout(() => setStage(2), 3000)]
    return () => {
      for (const timer of timers) clearTimeout(timer)
    }
  }, [])
  if (stage === 0) return null
  return (
    <div className="waiting" aria-busy="true">
      {[72, 54, 63, 40, 58].map((width) => (
        <span key={width} className="shape" style={{ width: `${width}%` }} />
      ))}
      {stage === 2 ? (
        <p role="status">
          Waiting for {what} …{' '}
          {cancel ? (
            <button type="button" onClick={cancel}>
              Cancel
            </button>
          ) : null}
        </p>
      ) : null}
    </div>
  )
}
