// Which message of a call's input is which of what was said before. Pure.
import { type Atom, isSame } from './atoms.ts'

/** Above this product of lengths the exact alignment would hold up the page. */
const MOST_CELLS = 1_000_000

/**
 * For each atom of `input` the place in `context` that it repeats, in order; -1 for one that is new. What both begin
 * with is the history; behind it the longest common sequence counts.
 */
export function alignAtoms(context: readonly Atom[], input: readonly Atom[]): Int32Array {
  const places = new Int32Array(input.length).fill(-1)
  const short = Math.min(context.length, input.length)
  let from = 0
  while (from < short && isSame(context[from] as Atom, input[from] as Atom)) {
    places[from] = from
    from++
  }
  const [rest, left] = [input.length - from, context.length - from]
  if (rest === 0 || left === 0) return places
  if (rest * left > MOST_CELLS) alignGreedily(context, input, from, places)
  else alignExactly(context, input, from, places)
  return places
}

function alignExactly(
  context: readonly Atom[],
  input: readonly Atom[],
  from: number,
  places: Int32Array,
): void {
  const [rows, columns] = [context.length - from, input.length - from]
  const wide = columns + 1
  // lengths[i * wide + j]: of the longest common sequence from i on in the context and from j on in the input.
  const lengths = new Uint32Array((rows + 1) * wide)
  const same = (i: number, j: number) => isSame(context[from + i] as Atom, input[from + j] as Atom)
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i * wide + j] = same(i, j)
        ? (lengths[(i + 1) * wide + j + 1] as number) + 1
        : Math.max(lengths[(i + 1) * wide + j] as number, lengths[i * wide + j + 1] as number)
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (same(i, j)) places[from + j++] = from + i++
    else if ((lengths[(i + 1) * wide + j] as number) >= (lengths[i * wide + j + 1] as number)) i++
    else j++
  }
}

/** Each atom at the first place behind the one before it. */
function alignGreedily(
  context: readonly Atom[],
  input: readonly Atom[],
  from: number,
  places: Int32Array,
): void {
  const at = new Map<number, number[]>()
  for (let i = from; i < context.length; i++) {
    const { content } = context[i] as Atom
    const list = at.get(content)
    if (list) list.push(i)
    else at.set(content, [i])
  }
  let next = from
  for (let j = from; j < input.length; j++) {
    const atom = input[j] as Atom
    const place = at.get(atom.content)?.find((i) => i >= next && isSame(context[i] as Atom, atom))
    if (place === undefined) continue
    places[j] = place
    next = place + 1
  }
}
