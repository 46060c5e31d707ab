import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useState } from 'react'
import type { TraceSummary } from '../api.ts'
import { Icon } from '../ui/icons.tsx'
import {
  type Filter,
  type FilterField,
  filterFields,
  parseFilter,
  valuesOf,
  withCondition,
} from './filter.ts'

const SUGGESTIONS = 8
/** Typing rests this long before the list follows. */
const REST_MS = 200

interface Suggestion {
  readonly label: string
  readonly note: string
  readonly insert: string
}

/** One field: conditions as chips, and what is being typed, with suggestions. */
export function FilterBar({
  filter,
  change,
  traces,
  input,
}: {
  filter: Filter
  change: (filter: Filter, how: 'push' | 'replace') => void
  traces: readonly TraceSummary[]
  input: RefObject<HTMLInputElement | null>
}): ReactNode {
  const id = useId()
  const [typed, setTyped] = useState(filter.text)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  // Back and forward change the filter from outside.
  useEffect(() => setTyped(filter.text), [filter.text])
  useEffect(() => {
    if (typed === filter.text || /(^|\s)\w+:\S*$/.test(typed)) return
    const timer = setTimeout(() => change({ ...filter, text: typed.trim() }, 'replace'), REST_MS)
    return () => clearTimeout(timer)
  }, [typed, filter, change])

  const suggestions = open ? suggest(typed, traces) : []
  const take = (text: string) => {
    const read = parseFilter(text)
    setAt(-1)
    setTyped(read.text)
    change(
      read.conditions.reduce((all: Filter, condition) => withCondition(all, condition), {
        ...filter,
        text: read.text,
      }),
      'push',
    )
  }
  const choose = ({ insert }: Suggestion) => {
    const text = typed.replace(/\S*$/, '') + insert
    if (insert.endsWith(':')) setTyped(text)
    else take(text)
    input.current?.focus()
  }
  const pressed = (event: KeyboardEvent) => {
    const chosen = suggestions[at]
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1
      setOpen(true)
      setAt(suggestions.length === 0 ? -1 : (at + step + suggestions.length) % suggestions.length)
    } else if (event.key === 'Enter') {
      if (chosen) choose(chosen)
      else {
        take(typed)
        setOpen(false)
      }
    } else if (event.key === 'Escape') {
      if (open && suggestions.length > 0) setOpen(false)
      else input.current?.blur()
    } else if (event.key === 'Backspace' && typed === '' && filter.conditions.length > 0) {
      change({ ...filter, conditions: filter.conditions.slice(0, -1) }, 'push')
    } else return
    event.preventDefault()
  }
  const label = 'Filter traces'
  return (
    <search className="filter">
      <Icon name="search" className="dim" />
      {filter.conditions.map(({ field, value }) => (
        <button
          key={field}
          type="button"
          className="chip"
          title="Remove"
          aria-label={`Remove ${field}: ${value}`}
          onClick={() =>
            change({ ...filter, conditions: filter.conditions.filter((own) => own.field !== field) }, 'push')
          }
        >
          <span className="dim">{field}</span> {value} <Icon name="close" />
        </button>
      ))}
      <input
        ref={input}
        role="combobox"
        aria-label={label}
        aria-expanded={suggestions.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(at >= 0 && suggestions[at] ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        placeholder={filter.conditions.length === 0 ? 'Name, or status: service: tag: model: …' : ''}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setOpen(true)
          setAt(-1)
          const text = event.target.value
          // A space ends a condition.
          if (/(^|\s)\w+:("[^"]+"|[^\s"]+)\s$/.test(text) && parseFilter(text).conditions.length > 0)
            take(text)
          else setTyped(text)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={pressed}
      />
      <div
        role="listbox"
        id={`${id}-list`}
        aria-label="Suggestions"
        className="suggestions"
        hidden={suggestions.length === 0}
      >
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field, which names the active option
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={suggestion.insert}
            role="option"
            id={`${id}-${index}`}
            aria-selected={index === at}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(suggestion)}
          >
            <span>{suggestion.label}</span>
            <span className="dim">{suggestion.note}</span>
          </div>
        ))}
      </div>
    </search>
  )
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

/** Fields, or the values of the field that is being typed. */
function suggest(typed: string, traces: readonly TraceSummary[]): Suggestion[] {
  const word = /\S*$/.exec(typed)?.[0] ?? ''
  const [, field, start = ''] = /^(\w+):"?(.*)$/.exec(word) ?? []
  if (field === undefined) {
    return filterFields
      .filter((name) => name.startsWith(word.toLowerCase()))
      .slice(0, SUGGESTIONS)
      .map((name) => ({ label: `${name}:`, note: notes[name], insert: `${name}:` }))
  }
  const name = filterFields.find((known) => known === field)
  if (!name) return []
  const counted = valuesOf(name, traces)
  const fixed = name === 'status' ? ['ok', 'error', 'running'] : []
  const all = [
    ...counted,
    ...fixed
      .filter((value) => !counted.some((own) => own.value === value))
      .map((value) => ({ value, count: 0 })),
  ]
  return all
    .filter(({ value }) => value.toLowerCase().includes(start.toLowerCase()) && value !== start)
    .slice(0, SUGGESTIONS)
    .map(({ value, count }) => ({
      label: value,
      note: count > 0 ? String(count) : '',
      insert: `${name}:${/^[^\s"\\]+$/.test(value) ? value : JSON.stringify(value)}`,
    }))
}
