import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { go, usePlace, withParameters } from '../navigation.ts'
import { Failure, Waiting } from '../ui/problem.tsx'
import { Figures } from './figures.tsx'
import { Findings } from './findings.tsx'
import { examine } from './health-api.ts'
import { Requests } from './requests.tsx'
import '../styles/health.css'

/** Nothing here is in the live stream: the server is asked again. */
const ASK_AGAIN_MS = 30_000
const USUAL_AGE = '1h'

const ages = [
  ['15m', 'last 15 min'],
  ['1h', 'last hour'],
  ['24h', 'last 24 h'],
  ['7d', 'last 7 days'],
] as const

/** What is wrong with the server and with what it recorded, and what to do about it. */
export function HealthPage(): ReactNode {
  const { parameters } = usePlace()
  const since = parameters.get('since') ?? USUAL_AGE
  useEffect(() => {
    document.title = 'Health · agl'
  }, [])
  const query = useQuery({
    queryKey: ['doctor', since],
    queryFn: ({ signal }) => examine(since, signal),
    placeholderData: (before) => before,
    staleTime: 0,
    refetchInterval: ASK_AGAIN_MS,
  })
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Waiting what="the examination" />
  const { findings, calls, hasMoreCalls, server } = query.data
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must be able to reach it
    <section className="health" tabIndex={0} aria-label="Health">
      <header>
        <h1>Health</h1>
        <label>
          Calls and traces of the{' '}
          <select value={since} onChange={(event) => go(withParameters({ since: event.target.value }))}>
            {ages.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <span className="number dim">
          {hasMoreCalls ? 'newest calls' : 'calls'}: {calls.total.toLocaleString('en')}, with token ids{' '}
          {calls.withIds.toLocaleString('en')}, failed {calls.failed.toLocaleString('en')}
        </span>
        <button type="button" disabled={query.isFetching} onClick={() => void query.refetch()}>
          Check again
        </button>
      </header>
      <Findings findings={findings} />
      <Figures server={server} />
      <Requests server={server} since={since} />
    </section>
  )
}
