import type { AnchorHTMLAttributes, ReactNode } from 'react'
import { go } from '../navigation.ts'

/**
 * A link within the page: a plain click stays, everything else is the browser's. A function is asked again when it is
 * clicked, for links that are drawn once and keep the rest of the address as it is then.
 */
export function Link({
  to,
  children,
  ...rest
}: {
  to: string | (() => string)
  children: ReactNode
} & AnchorHTMLAttributes<HTMLAnchorElement>): ReactNode {
  return (
    <a
      href={typeof to === 'string' ? to : to()}
      {...rest}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        go(typeof to === 'string' ? to : to())
      }}
    >
      {children}
    </a>
  )
}
