import type { ReactNode } from 'react'
import { withParameters } from '../../navigation.ts'
import { Link } from '../../ui/link.tsx'
import { views } from './index.ts'

/** The address of a view of the trace that is looked at. */
export function viewAddress(name: string): string {
  return withParameters({ view: name === views[0]?.name ? undefined : name, message: undefined })
}

/** The views by their names; each is an address. */
export function ViewLinks({ chosen }: { chosen: string }): ReactNode {
  return (
    <nav className="views" aria-label="Views">
      {views.map(({ name, title }, at) => (
        <Link
          key={name}
          to={viewAddress(name)}
          title={`${title} (${at + 1})`}
          {...(name === chosen ? { 'aria-current': 'page' } : {})}
        >
          {title}
        </Link>
      ))}
    </nav>
  )
}
