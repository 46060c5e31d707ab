import { useCallback, useEffect, useRef, useState } from 'react'
import { go, usePlace, withParameters } from '../navigation.ts'

/** Browsers refuse an address that changes too often: it follows once the state rests. */
const REST_MS = 200

/** A state that the address carries in one parameter. `format` gives an empty text for the usual state. */
export function useUrlState<State>(
  name: string,
  parse: (text: string) => State,
  format: (state: State) => string,
): readonly [State, (next: State) => void] {
  const { parameters } = usePlace()
  const text = parameters.get(name) ?? ''
  const [state, setState] = useState(() => parse(text))
  const written = useRef(text)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // Back, forward and links change it from outside.
  useEffect(() => {
    if (text === written.current) return
    clearTimeout(timer.current)
    written.current = text
    setState(parse(text))
  }, [text, parse])
  useEffect(() => () => clearTimeout(timer.current), [])
  const change = useCallback(
    (next: State) => {
      setState(next)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        written.current = format(next)
        go(withParameters({ [name]: written.current }), 'replace')
      }, REST_MS)
    },
    [name, format],
  )
  return [state, change]
}
