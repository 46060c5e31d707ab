// Where the page is. Every state is a link: path and query say it all.
import { useSyncExternalStore } from 'react'

/** An address within the page. */
export interface Place {
  readonly path: string
  readonly parameters: URLSearchParams
}

const listeners = new Set<() => void>()
let place = read()

function read(): Place {
  return { path: location.pathname, parameters: new URLSearchParams(location.search) }
}

function moved(): void {
  place = read()
  for (const listener of listeners) listener()
}

window.addEventListener('popstate', moved)

/** The current place; the component renders again when it changes. */
export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => place,
  )
}

/** Goes to an address of this page. `replace` leaves no step behind to go back to. */
export function go(url: string, how: 'push' | 'replace' = 'push'): void {
  if (url === location.pathname + location.search) return
  if (how === 'push') history.pushState(null, '', url)
  else history.replaceState(null, '', url)
  moved()
}

/** The current address with some parameters changed; undefined takes one away. */
export function withParameters(changes: Readonly<Record<string, string | undefined>>): string {
  const next = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name)
    else next.set(name, value)
  }
  const query = next.toString()
  return location.pathname + (query === '' ? '' : `?${query}`)
}
