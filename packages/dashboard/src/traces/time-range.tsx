import { type ReactNode, useState } from 'react'
import { go, withParameters } from '../navigation.ts'
import type { TimeRange } from './filter.ts'

const ages = [
  ['', 'any time'],
  ['15m', 'last 15 min'],
  ['1h', 'last hour'],
  ['24h', 'last 24 h'],
  ['7d', 'last 7 days'],
  ['30d', 'last 30 days'],
] as const
const CUSTOM = 'custom'

/** When the traces of the list began: an age, or from and to. */
export function TimeRangePicker({ range: { since, until } }: { range: TimeRange }): ReactNode {
  const isAge = until === undefined && (since === undefined || ages.some(([value]) => value === since))
  const [asksTimes, setAsksTimes] = useState(false)
  const custom = asksTimes || !isAge
  return (
    <div className="time-range">
      <select
        aria-label="Time range"
        value={custom ? CUSTOM : (since ?? '')}
        onChange={(event) => {
          const { value } = event.target
          setAsksTimes(value === CUSTOM)
          if (value !== CUSTOM) go(withParameters({ since: value, until: undefined }))
        }}
      >
        {ages.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
        <option value={CUSTOM}>from … to …</option>
      </select>
      {custom ? (
        <>
          <TimeField name="since" label="From" value={since} />
          <TimeField name="until" label="To" value={until} />
        </>
      ) : null}
    </div>
  )
}

function TimeField({
  name,
  label,
  value,
}: {
  name: 'since' | 'until'
  label: string
  value: string | undefined
}): ReactNode {
  return (
    <input
      type="datetime-local"
      step="1"
      aria-label={label}
      title={`${label}, in the time of this machine`}
      value={localTime(value)}
      onChange={(event) => {
        const ms = Date.parse(event.target.value)
        go(withParameters({ [name]: Number.isNaN(ms) ? undefined : new Date(ms).toISOString() }), 'replace')
      }}
    />
  )
}

/** An ISO time as the field wants it: local, without a zone. An age has no place there. */
function localTime(value: string | undefined): string {
  const ms = Date.parse(value ?? '')
  if (Number.isNaN(ms)) return ''
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
