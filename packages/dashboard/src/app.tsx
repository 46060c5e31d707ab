import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { Frame } from './frame.tsx'
import { connect, useChanges } from './live.ts'
import { go, usePlace } from './navigation.ts'
import { TracePage } from './trace/trace-page.tsx'
import { TracesPage } from './traces/traces-page.tsx'
import { Problem, Waiting } from './ui/problem.tsx'

// Pages beyond the first two are loaded when one goes there.
const ComparePage = lazy(() =>
  import('./compare/compare-page.tsx').then((page) => ({ default: page.ComparePage })),
)

const LogsPage = lazy(() => import('./logs/logs-page.tsx').then((page) => ({ default: page.LogsPage })))

const MetricsPage = lazy(() =>
  import('./metrics/metrics-page.tsx').then((page) => ({ default: page.MetricsPage })),
)

const HealthPage = lazy(() =>
  import('./health/health-page.tsx').then((page) => ({ default: page.HealthPage })),
)

/** The page of the current address, in the frame. */
export function App(): ReactNode {
  const client = useQueryClient()
  useEffect(connect, [])
  useChanges(({ all }) => {
    if (all) void readAnew(client)
  })
  return (
    <Frame>
      <Suspense fallback={<Waiting what="the page" />}>
        <Page />
      </Suspense>
    </Frame>
  )
}

/** Reads lists and trees again, also those that are just being read. Payloads do not change. */
async function readAnew(client: QueryClient): Promise<void> {
  const changing = {
    predicate: ({ queryKey: [name] }: { queryKey: readonly unknown[] }) =>
      name === 'traces' || name === 'trace',
  }
  await client.cancelQueries(changing)
  await client.invalidateQueries(changing)
}

function Page(): ReactNode {
  const { path } = usePlace()
  const id = /^\/traces\/([^/]+)$/.exec(path)?.[1]
  if (id !== undefined) return <TracePage key={id} id={id} />
  if (path === '/' || path === '/traces') return <TracesPage />
  if (path === '/compare') return <ComparePage />
  if (path === '/logs') return <LogsPage />
  if (path === '/metrics') return <MetricsPage />
  if (path === '/doctor') return <HealthPage />
  return (
    <Problem
      message="There is no such page."
      action={
        <button type="button" onClick={() => go('/traces')}>
          Go to traces
        </button>
      }
    />
  )
}
