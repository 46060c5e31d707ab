// The recording gateway and the model servers behind it.
import type { ServerFacts } from '../facts.ts'
import { type Finding, finding } from '../finding.ts'

/** State of the gateway, and what its upstreams answer. */
export function checkGateway({ gateway, upstreams }: ServerFacts): Finding[] {
  const { paused, recorded, unrecorded } = gateway
  if (gateway.upstreams.length === 0 && recorded === 0 && gateway.runs === 0)
    return [finding('gateway.no_upstream', 'gateway')]
  const problems = [
    ...(paused ? [finding('gateway.paused', 'gateway')] : []),
    ...(unrecorded > 0
      ? [finding('gateway.unrecorded', 'gateway', { count: unrecorded }, { count: unrecorded })]
      : []),
    ...upstreams.flatMap(({ name, url, error }) =>
      error === undefined ? [] : [finding('gateway.upstream_down', name, { name, url, reason: error })],
    ),
  ]
  const refusals = gateway.upstreams.flatMap(({ name, refusedFlags }) => {
    const flags = [...new Set(Object.values(refusedFlags ?? {}).flat())]
    return flags.length > 0 ? [finding('gateway.flag_refused', name, { name, flags: flags.join(', ') })] : []
  })
  const well = finding('gateway.ok', 'gateway', { upstreams: gateway.upstreams.length, recorded })
  return [...(problems.length > 0 ? problems : [well]), ...refusals]
}
