// Times as the SDKs before 0.4 write them: `2024-02-29T13:30:07.717Z`, `2025-01-24T13:30:40.320715+00:00`.

const form = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?\s*(Z|[+-]\d\d:?\d\d)?$/i

/** ns since the Unix epoch; `undefined` for what is no time. One without a zone is taken for UTC. */
export function timeOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string') return undefined
  const match = form.exec(value.trim())
  if (!match) return undefined
  const [, date, clock, fraction = '', zone = 'Z'] = match
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const ms = Date.parse(`${date}T${clock}${offset}`)
  if (!Number.isFinite(ms) || ms < 0) return undefined
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}
