import type { ReactNode } from 'react'
import { go, withParameters } from '../navigation.ts'
import type { Filter, TimeRange } from './filter.ts'

/** A list without a trace: what may be dropped from its filter. */
export function Nothing({
  filter,
  range: { since, until },
  change,
}: {
  filter: Filter
  range: TimeRange
  change: (filter: Filter, how: 'push' | 'replace') => void
}): ReactNode {
  return (
    <div className="problem">
      <p>No trace fits. Drop a condition:</p>
      <p className="choices">
        {filter.conditions.map(({ field, value }) => (
          <button
            key={field}
            type="button"
            onClick={() =>
              change(
                { ...filter, conditions: filter.conditions.filter((own) => own.field !== field) },
                'push',
              )
            }
          >
            {field}: {value}
          </button>
        ))}
        {filter.text === '' ? null : (
          <button type="button" onClick={() => change({ ...filter, text: '' }, 'push')}>
            “{filter.text}” in the name
          </button>
        )}
        {since === undefined && until === undefined ? null : (
          <button type="button" onClick={() => go(withParameters({ since: undefined, until: undefined }))}>
            {[since && `since ${since}`, until && `until ${until}`].filter(Boolean).join(', ')}
          </button>
        )}
      </p>
    </div>
  )
}
