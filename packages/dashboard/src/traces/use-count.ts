// How many traces a list has in all, kept current without asking at every change; so is what is counted over time.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { countTraces } from '../api.ts'
import { useChanges } from '../live.ts'
import { type Filter, filterParameters, formatFilter, type TimeRange } from './filter.ts'

/** Beyond this, the list says «and more». */
const MOST = 1000
/** The least time between two questions while traces keep arriving. */
const ASK_AGAIN_MS = 3000

/** What is counted; undefined until the first answer. */
export function useCount(filter: Filter, { since, until }: TimeRange): string | undefined {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: ['count', formatFilter(filter), since, until],
    queryFn: ({ signal }) =>
      countTraces({ ...filterParameters(filter), since, until, most: String(MOST) }, signal),
    placeholderData: keepPreviousData,
  })
  const again = useRef<ReturnType<typeof setTimeout>>(undefined)
  const askedMs = useRef(0)
  useEffect(() => () => clearTimeout(again.current), [])
  useChanges(() => {
    if (again.current !== undefined) return
    const waitMs = Math.max(0, askedMs.current + ASK_AGAIN_MS - Date.now())
    again.current = setTimeout(() => {
      again.current = undefined
      askedMs.current = Date.now()
      for (const counted of ['count', 'histogram']) void client.invalidateQueries({ queryKey: [counted] })
    }, waitMs)
  })
  if (!query.data) return undefined
  const { traces, errors, complete } = query.data
  const more = complete ? '' : '+'
  const failed = errors === 0 ? '' : ` · ${errors.toLocaleString('en')}${more} failed`
  return `${traces.toLocaleString('en')}${more} trace${traces === 1 && complete ? '' : 's'}${failed}`
}
