import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { getFacet } from '../api.ts'
import { formatFilter } from '../traces/filter.ts'
import { Link } from '../ui/link.tsx'
import type { ServerFacts } from './health-api.ts'

/** Who sent traces lately, and who said hello and sent none. */
export function Clients({
  since,
  silent,
}: {
  since: string
  silent: ServerFacts['requests']['silentClients']
}): ReactNode {
  const { data } = useQuery({
    queryKey: ['doctor', 'services', since],
    queryFn: ({ signal }) => getFacet('service', { since, limit: '20' }, signal),
    placeholderData: (before) => before,
    staleTime: 0,
  })
  const services = data?.values ?? []
  return (
    <>
      <h3>Services that sent traces</h3>
      {services.length === 0 ? (
        <p className="dim">None in this time.</p>
      ) : (
        <ul className="services">
          {services.map(({ value, count }) => (
            <li key={value}>
              <Link to={tracesOf(value)}>{value}</Link>{' '}
              <span className="number dim">{count.toLocaleString('en')}</span>
            </li>
          ))}
        </ul>
      )}
      <h3>Clients without a span</h3>
      {silent.length === 0 ? (
        <p className="dim">None: every client that fetched a token sent spans, or came less than 30 s ago.</p>
      ) : (
        <ul>
          {silent.map(({ userAgent, how, sinceSeconds, likelyCause }) => (
            <li key={`${how} ${userAgent}`}>
              <span className="mono">{userAgent || 'no name'}</span>{' '}
              <span className="dim">
                {how}, {sinceSeconds} s ago
              </span>
              <p>{likelyCause.replaceAll('<server>', location.origin)}</p>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function tracesOf(service: string): string {
  const filter = formatFilter({ conditions: [{ field: 'service', value: service }], text: '' })
  return `/traces?${new URLSearchParams({ q: filter })}`
}
