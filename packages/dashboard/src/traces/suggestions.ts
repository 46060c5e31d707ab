// What the filter bar offers while one types: fields, then the values that the server knows of a field.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { type FacetField, getFacet } from '../api.ts'
import { type Filter, type FilterField, filterFields, filterParameters, type TimeRange } from './filter.ts'

const SHOWN = 8
/** Typing rests this long before values are asked for. */
const REST_MS = 120
/** Values that were read this long ago may lack new ones. */
const FRESH_MS = 5000

/** One thing to choose. */
export interface Suggestion {
  readonly label: string
  readonly note: string
  readonly insert: string
}

const notes: Readonly<Record<FilterField, string>> = {
  status: 'ok, error or running',
  service: 'service.name of the sender',
  agent: 'name of an agent',
  model: 'a model that was called',
  tag: 'a tag of the trace',
  session: 'session or conversation',
  user: 'user id',
  name: 'part of the name',
  id: 'beginning of the trace id',
}

const facets: readonly FilterField[] = ['service', 'agent', 'model', 'tag', 'session', 'user']

/** Suggestions for what is being typed; none while `open` is false. */
export function useSuggestions(
  typed: string,
  open: boolean,
  filter: Filter,
  { since, until }: TimeRange,
): readonly Suggestion[] {
  const { field, part } = wordAt(typed)
  const rested = useRested(part)
  // The other conditions hold: what is offered leads to traces.
  const others = filterParameters({
    conditions: filter.conditions.filter((condition) => condition.field !== field),
    text: '',
  })
  const query = useQuery({
    queryKey: ['facet', field, rested, others, since, until],
    queryFn: ({ signal }) =>
      getFacet(
        field as FacetField,
        { ...others, since, until, part: rested, limit: String(SHOWN + 1) },
        signal,
      ),
    enabled: open && field !== undefined && facets.includes(field),
    staleTime: FRESH_MS,
    placeholderData: (before, asked) => (asked?.queryKey[1] === field ? keepPreviousData(before) : undefined),
  })
  if (!open) return []
  if (field === undefined) {
    return filterFields
      .filter((name) => name.startsWith(part.toLowerCase()))
      .slice(0, SHOWN)
      .map((name) => ({ label: `${name}:`, note: notes[name], insert: `${name}:` }))
  }
  const values =
    field === 'status'
      ? ['ok', 'error', 'running'].map((value) => ({ value, count: 0 }))
      : ((facets.includes(field) ? query.data?.values : undefined) ?? [])
  return values
    .filter(({ value }) => value.toLowerCase().includes(part.toLowerCase()) && value !== part)
    .slice(0, SHOWN)
    .map(({ value, count }) => ({
      label: value,
      note: count > 0 ? count.toLocaleString('en') : '',
      insert: `${field}:${/^[^\s"\\]+$/.test(value) ? value : JSON.stringify(value)}`,
    }))
}

/** The last word that is typed: a field and part of its value, or part of a field's name. */
function wordAt(typed: string): { field: FilterField | undefined; part: string } {
  const [, name, quoted = '', bare = ''] = /(?:^|\s)(\w+):(?:"([^"]*)|([^\s"]*))$/.exec(typed) ?? []
  const field = filterFields.find((known) => known === name)
  if (field) return { field, part: quoted || bare }
  return { field: undefined, part: /\S*$/.exec(typed)?.[0] ?? '' }
}

function useRested(text: string): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS)
    return () => clearTimeout(timer)
  }, [text])
  return rested
}
