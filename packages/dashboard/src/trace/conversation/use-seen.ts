import { type RefObject, useEffect, useState } from 'react'

/** True once the element was in sight. */
export function useSeen(element: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    const own = element.current
    if (!own || seen) return
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true)
    })
    observer.observe(own)
    return () => observer.disconnect()
  }, [element, seen])
  return seen
}
