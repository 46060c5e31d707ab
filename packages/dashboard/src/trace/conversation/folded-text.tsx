import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { formatBytes } from '../../values.ts'
import { cutAt } from './find.ts'

/** Characters of one text that are drawn before one asks for more, and how many times as many with each asking. */
const DRAWN = 64 * 1024
const STEP = 8

/**
 * A text of which the first lines are seen. The rest is on the page as well, so that the browser finds it; what is
 * found is opened.
 */
export function FoldedText({
  text,
  lines,
  open,
  unfold,
  mono = false,
}: {
  text: string
  lines: number
  open: boolean
  unfold: () => void
  mono?: boolean
}): ReactNode {
  const [steps, setSteps] = useState(0)
  const cut = cutAt(text, lines)
  const drawn = Math.min(text.length, Math.max(cut, DRAWN * STEP ** steps))
  const name = mono ? 'text code' : 'text'
  return (
    <>
      <pre className={cut === text.length || open ? name : `${name} cut`}>{text.slice(0, cut)}</pre>
      {cut === text.length ? null : (
        <FoldedRest open={open} unfold={unfold}>
          <pre className={name}>{text.slice(cut, drawn)}</pre>
          {drawn === text.length ? null : (
            <button type="button" className="small" onClick={() => setSteps(steps + 1)}>
              Show more ({formatBytes(text.length - drawn)} left)
            </button>
          )}
        </FoldedRest>
      )}
    </>
  )
}

/** What is hidden until it is opened or found. */
function FoldedRest({
  open,
  unfold,
  children,
}: {
  open: boolean
  unfold: () => void
  children: ReactNode
}): ReactNode {
  const element = useRef<HTMLDivElement>(null)
  // Before it is drawn: a long text would be seen for a moment.
  useLayoutEffect(() => {
    // Browsers that know no "until-found" take it for plain hiding.
    if (open) element.current?.removeAttribute('hidden')
    else element.current?.setAttribute('hidden', 'until-found')
  }, [open])
  useLayoutEffect(() => {
    const own = element.current
    own?.addEventListener('beforematch', unfold)
    return () => own?.removeEventListener('beforematch', unfold)
  }, [unfold])
  return <div ref={element}>{children}</div>
}
