import type { ReactNode, RefObject } from 'react'
import { keyTable } from './keys.ts'

const shown: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
  Delete: 'Del',
}

/** The table of keys. */
export function Help({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }): ReactNode {
  const places = [...new Set(Object.values(keyTable).map(({ where }) => where))]
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      {places.map((place) => (
        <section key={place}>
          <h3>{place}</h3>
          <dl>
            {Object.values(keyTable)
              .filter(({ where }) => where === place)
              .map(({ keys, does }) => (
                <div key={does}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{shown[key] ?? key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
      <form method="dialog">
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </form>
    </dialog>
  )
}
