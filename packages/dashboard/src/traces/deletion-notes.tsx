import type { ReactNode } from 'react'
import { formatCount } from '../values.ts'
import { dismissProblem, undoDeletion, useDeletions } from './deletions.ts'

/** What was just deleted, with the way back. */
export function DeletionNotes(): ReactNode {
  const { waiting, problem } = useDeletions()
  return (
    <div className="notes" role="status">
      {waiting.length === 0 ? null : (
        <p className="note">
          {formatCount(waiting.length, 'trace')} deleted.{' '}
          <button type="button" className="small" onClick={undoDeletion}>
            Undo
          </button>
        </p>
      )}
      {problem === undefined ? null : (
        <p className="note error-text">
          {problem}{' '}
          <button type="button" className="small" onClick={dismissProblem}>
            Close
          </button>
        </p>
      )}
    </div>
  )
}
