import type { ReactNode } from 'react'
import { Icon } from './icons.tsx'

/** Two buttons that fold and unfold everything, named with their keys. */
export function FoldButtons({
  fold,
  unfold,
  set,
}: {
  fold: string
  unfold: string
  set: (open: boolean) => void
}): ReactNode {
  const button = (label: string, key: string, icon: 'fold' | 'unfold') => (
    <button
      type="button"
      className="plain"
      aria-label={label}
      title={`${label} (${key})`}
      onClick={() => set(icon === 'unfold')}
    >
      <Icon name={icon} />
    </button>
  )
  return (
    <>
      {button(fold, '-', 'fold')}
      {button(unfold, '+', 'unfold')}
    </>
  )
}
