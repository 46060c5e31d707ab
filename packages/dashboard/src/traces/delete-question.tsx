import { type ReactNode, useEffect, useRef } from 'react'
import { formatCount } from '../values.ts'
import { deleteSoon } from './deletions.ts'

/** Asks once before traces are deleted. */
export function DeleteQuestion({
  ids,
  done,
  cancel,
}: {
  ids: readonly string[]
  done: () => void
  cancel: () => void
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="question" aria-labelledby="delete-title" onClose={cancel}>
      <h2 id="delete-title">Delete {formatCount(ids.length, 'trace')}?</h2>
      <p>Nobody sees {ids.length === 1 ? 'it' : 'them'} any more, and spans that still arrive are dropped.</p>
      <p className="choices">
        <button
          type="button"
          className="danger"
          // biome-ignore lint/a11y/noAutofocus: the question was asked for, and Enter answers it
          autoFocus
          onClick={() => {
            deleteSoon(ids)
            done()
          }}
        >
          Delete
        </button>
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      </p>
    </dialog>
  )
}
