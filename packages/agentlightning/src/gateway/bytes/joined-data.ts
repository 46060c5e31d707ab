// An event whose data is spread over several lines: one JSON text, with newlines where the lines join.
import type { Cut } from './cut-plan.ts'
import { contentEnd, lineKind, valueStart } from './sse-lines.ts'

/** A line's share of the text. */
interface Share {
  readonly inText: number
  readonly inRaw: number
}

/** The data of an event as one text, and the way back to the bytes it came from. */
export class JoinedData {
  /** The lines as they came. */
  readonly raw: Uint8Array
  readonly text: Uint8Array
  readonly #shares: Share[] = []

  constructor(lines: readonly Uint8Array[]) {
    this.raw = Buffer.concat(lines)
    const pieces: Uint8Array[] = []
    let inRaw = 0
    let inText = 0
    for (const line of lines) {
      if (lineKind(line) === 'data') {
        if (pieces.length > 0) {
          pieces.push(newline)
          inText++
        }
        const start = valueStart(line, 'data')
        const piece = line.subarray(start, Math.max(start, contentEnd(line)))
        this.#shares.push({ inText, inRaw: inRaw + start })
        pieces.push(piece)
        inText += piece.length
      }
      inRaw += line.length
    }
    this.text = Buffer.concat(pieces)
  }

  /** Cuts of the text, in order, as cuts of the lines. */
  toRaw(cuts: readonly Cut[]): Cut[] {
    let share = 0
    const rawAt = (at: number): number => {
      while ((this.#shares[share + 1]?.inText ?? Number.POSITIVE_INFINITY) <= at) share++
      const { inRaw, inText } = this.#shares[share] as Share
      return inRaw + (at - inText)
    }
    return cuts.map(({ start, end, put }) => ({ start: rawAt(start), end: rawAt(end), put }))
  }
}

const newline = Buffer.from('\n')
