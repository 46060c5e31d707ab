// Two traces side by side: which span of one stands for which of the other. Pure.
import type { TreeRow } from '../trace/tree.ts'

/** A line of the comparison; one side is absent where only the other trace has the span. */
export interface Pair {
  readonly a: TreeRow | undefined
  readonly b: TreeRow | undefined
}

/** A pair, or pairs in a row that differ in nothing but their times. */
export type Line =
  | { readonly kind: 'pair'; readonly pair: Pair }
  | { readonly kind: 'same'; readonly pairs: readonly Pair[] }

/** Rows of each trace that are aligned: the time it takes grows with their product. */
export const MOST_ROWS = 1500
/** Fewer equal lines than this are not worth folding. */
const FOLD_FROM = 4

/** Aligns rows by their place in the tree, kind and name: the longest common sequence of both. */
export function align(left: readonly TreeRow[], right: readonly TreeRow[]): readonly Pair[] {
  const [a, b] = [left.slice(0, MOST_ROWS), right.slice(0, MOST_ROWS)]
  const keysA = a.map(keyOf)
  const keysB = b.map(keyOf)
  const wide = b.length + 1
  // lengths[i * wide + j]: of the longest common sequence of what comes from i in a and from j in b.
  const lengths = new Uint16Array((a.length + 1) * wide)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * wide + j] =
        keysA[i] === keysB[j]
          ? (lengths[(i + 1) * wide + j + 1] as number) + 1
          : Math.max(lengths[(i + 1) * wide + j] as number, lengths[i * wide + j + 1] as number)
    }
  }
  const pairs: Pair[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && keysA[i] === keysB[j]) pairs.push({ a: a[i++], b: b[j++] })
    else if (
      j >= b.length ||
      (i < a.length && (lengths[(i + 1) * wide + j] as number) >= (lengths[i * wide + j + 1] as number))
    )
      pairs.push({ a: a[i++], b: undefined })
    else pairs.push({ a: undefined, b: b[j++] })
  }
  return pairs
}

/** Lines in which runs of equal pairs are one. */
export function foldSame(pairs: readonly Pair[]): readonly Line[] {
  const lines: Line[] = []
  let run: Pair[] = []
  const end = () => {
    if (run.length >= FOLD_FROM) lines.push({ kind: 'same', pairs: run })
    else for (const pair of run) lines.push({ kind: 'pair', pair })
    run = []
  }
  for (const pair of pairs) {
    if (isSame(pair)) run.push(pair)
    else {
      end()
      lines.push({ kind: 'pair', pair })
    }
  }
  end()
  return lines
}

/** True for spans that differ in nothing that is seen here but their times. */
export function isSame({ a, b }: Pair): boolean {
  if (!a || !b) return false
  const [left, right] = [a.span, b.span]
  return (
    left.statusCode === right.statusCode &&
    left.fields.error === right.fields.error &&
    left.fields.responseModel === right.fields.responseModel &&
    left.fields.usage?.input === right.fields.usage?.input &&
    left.fields.usage?.output === right.fields.usage?.output
  )
}

function keyOf({ depth, span }: TreeRow): string {
  return `${depth} ${span.fields.type} ${span.name}`
}
