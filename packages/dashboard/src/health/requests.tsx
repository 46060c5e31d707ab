import type { ReactNode } from 'react'
import { formatAgo } from '../../../agentlightning/src/cli/views/format.ts'
import { Clients } from './clients.tsx'
import type { ServerFacts } from './health-api.ts'

interface Line {
  readonly what: string
  readonly count: number
  readonly lastMs: number
  readonly example: string
}

/** Requests that got nowhere, records that could not be read, clients that stay silent. */
export function Requests({
  server: { requests, index },
  since,
}: {
  server: ServerFacts
  since: string
}): ReactNode {
  const unknown = requests.unknown.map(({ what, count, lastMs, example }) => ({
    what,
    count,
    lastMs,
    example: example
      ? [example.userAgent, example.contentType, example.body].filter(Boolean).join(' · ')
      : '',
  }))
  const { setAside, setAsideCount } = index
  return (
    <section aria-label="What arrives">
      <h2>What arrives</h2>
      <Table name="Refused requests" what="Error" lines={requests.refused} />
      <Table name="Unknown requests" what="Route" lines={unknown} />
      <h3>Records set aside</h3>
      {setAsideCount === 0 ? (
        <p className="dim">None.</p>
      ) : (
        <ul>
          {setAside.map(({ kind, error }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they have no identity, and no state either
            <li key={at}>
              <span className="mono">{kind}</span> {error}
            </li>
          ))}
          {setAsideCount > setAside.length ? (
            <li className="dim">and {setAsideCount - setAside.length} more</li>
          ) : null}
        </ul>
      )}
      <Clients since={since} silent={requests.silentClients} />
    </section>
  )
}

function Table({ name, what, lines }: { name: string; what: string; lines: readonly Line[] }): ReactNode {
  if (lines.length === 0)
    return (
      <>
        <h3>{name}</h3>
        <p className="dim">None since the start of the server.</p>
      </>
    )
  const now = BigInt(Date.now()) * 1_000_000n
  return (
    <table>
      <caption>{name}</caption>
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <th scope="col">Count</th>
          <th scope="col">Last</th>
          <th scope="col">Example</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ what: subject, count, lastMs, example }) => (
          <tr key={subject}>
            <td className="mono">{subject}</td>
            <td className="number">{count.toLocaleString('en')}</td>
            <td className="number">{formatAgo(BigInt(lastMs) * 1_000_000n, now)}</td>
            <td className="example">{example}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
