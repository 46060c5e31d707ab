import type { ReactNode } from 'react'
import { formatSize } from '../../../agentlightning/src/cli/size.ts'
import { formatDuration } from '../../../agentlightning/src/cli/views/format.ts'
import type { ServerFacts } from './health-api.ts'

/** The server in numbers, and the model servers behind its gateway. */
export function Figures({ server }: { server: ServerFacts }): ReactNode {
  const { log, index, loop, gateway, upstreams } = server
  const uptime = formatDuration(BigInt(server.uptimeSeconds) * 1_000_000_000n)
  const figures: readonly (readonly [name: string, value: string])[] = [
    ['Version', `${server.version} on Node.js ${server.nodeVersion}`],
    ['Up', uptime],
    ['Data directory', server.dataDir],
    ['Disk', `${formatSize(server.freeBytes)} free`],
    ['Recordings', `${formatSize(log.bytes)} of ${formatSize(log.maxDiskBytes)}`],
    ['Traces', whole(index.traces)],
    ['Spans', whole(index.spans)],
    ['Index', index.lagBytes === 0 ? 'up to date' : `${formatSize(index.lagBytes)} behind the log`],
    [
      'Reaction',
      `${loop.p50} ms half the time, ${loop.p99} ms at the 99th percentile, ${loop.max} ms at worst`,
    ],
    [
      'Gateway',
      `calls recorded: ${whole(gateway.recorded)}, lost: ${whole(gateway.unrecorded)}, under way: ${whole(gateway.inFlight)}`,
    ],
  ]
  const answerOf = new Map(upstreams.map((one) => [one.name, one]))
  return (
    <section aria-label="Server">
      <h2>Server</h2>
      <dl>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="number">{value}</dd>
          </div>
        ))}
      </dl>
      {gateway.upstreams.length === 0 ? null : (
        <table>
          <caption>Model servers</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">URL</th>
              <th scope="col">Kind</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {gateway.upstreams.map(({ name, url, backend }) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="mono">{url}</td>
                <td>{backend ?? 'not known yet'}</td>
                <td>{stateOf(answerOf.get(name))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function stateOf(answer: ServerFacts['upstreams'][number] | undefined): ReactNode {
  if (!answer) return <span className="dim">not asked</span>
  const { error } = answer
  return error === undefined ? 'answers' : <span className="error-text">does not answer: {error}</span>
}

function whole(number: number): string {
  return number.toLocaleString('en')
}
