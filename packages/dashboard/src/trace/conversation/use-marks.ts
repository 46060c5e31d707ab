import { useEffect } from 'react'

const NAME = 'agl-found'
/** Places of one row that are marked. */
const MOST = 500

/** Marks a text, in lower case, wherever it stands in an element of the page; where the browser can. */
export function useMarks(elementId: string | undefined, wanted: string): void {
  useEffect(() => {
    if (!('highlights' in CSS) || elementId === undefined || wanted === '') return
    // What was just unfolded or scrolled to is drawn first.
    const frame = requestAnimationFrame(() => {
      const element = document.getElementById(elementId)
      if (element) CSS.highlights.set(NAME, new Highlight(...rangesOf(element, wanted)))
    })
    return () => {
      cancelAnimationFrame(frame)
      CSS.highlights.delete(NAME)
    }
  }, [elementId, wanted])
}

function rangesOf(element: Element, wanted: string): Range[] {
  const ranges: Range[] = []
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent?.toLowerCase() ?? ''
    for (let at = text.indexOf(wanted); at >= 0 && ranges.length < MOST; at = text.indexOf(wanted, at + 1)) {
      const range = new Range()
      // Few letters are longer in lower case; a mark may then be off by one.
      range.setStart(node, Math.min(at, node.textContent?.length ?? 0))
      range.setEnd(node, Math.min(at + wanted.length, node.textContent?.length ?? 0))
      ranges.push(range)
    }
  }
  return ranges
}
