import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useState } from 'react'
import { Icon } from '../ui/icons.tsx'
import { type Filter, parseFilter, type TimeRange, withCondition } from './filter.ts'
import { type Suggestion, useSuggestions } from './suggestions.ts'

/** Typing rests this long before the list follows. */
const REST_MS = 200

/** One field: conditions as chips, and what is being typed, with suggestions. */
export function FilterBar({
  filter,
  range,
  change,
  input,
}: {
  filter: Filter
  range: TimeRange
  change: (filter: Filter, how: 'push' | 'replace') => void
  input: RefObject<HTMLInputElement | null>
}): ReactNode {
  const id = useId()
  const [typed, setTyped] = useState(filter.text)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  // Back and forward change the filter from outside. A space that was just typed stays.
  useEffect(() => setTyped((now) => (now.trim() === filter.text ? now : filter.text)), [filter.text])
  useEffect(() => {
    if (typed === filter.text || /(^|\s)\w+:("[^"]*|\S*)$/.test(typed)) return
    const timer = setTimeout(() => change({ ...filter, text: typed.trim() }, 'replace'), REST_MS)
    return () => clearTimeout(timer)
  }, [typed, filter, change])

  const suggestions = useSuggestions(typed, open, filter, range)
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
    // The word that is typed gives way; a quoted one may have spaces in it.
    const text = typed.replace(/(\w+:"[^"]*|\S*)$/, '') + insert
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
