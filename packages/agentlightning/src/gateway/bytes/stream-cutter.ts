// Cuts from an event stream what only the gateway asked for, as the stream goes. Lines that no rule can touch are
// passed on before they have ended; a line of data is held until it has.
import { applyCuts } from './cut-plain.ts'
import { planCuts } from './cut-plan.ts'
import { JoinedData } from './joined-data.ts'
import { PartList } from './part-list.ts'
import { contentEnd, KIND_BYTES, lineKind, valueStart } from './sse-lines.ts'
import type { CutRules } from './types.ts'

const LF = 0x0a
const DEFAULT_MAX_HELD_BYTES = 16 * 2 ** 20

/**
 * Of the event so far: nothing of it has been sent; a field of it has; its data has; it is being left out; its data
 * goes on over several lines, which are held.
 */
type EventState = 'new' | 'begun' | 'sent' | 'dropping' | 'collecting'

/** Of the line so far: its kind is not known; it is held to its end; it passes; it is left out. */
type LineState = 'new' | 'holding' | 'passing' | 'dropping'

/** One stream. Parts share the memory of the chunks where they can. */
export class StreamCutter {
  readonly #rules: CutRules
  readonly #maxHeld: number
  #event: EventState = 'new'
  #line: LineState = 'new'
  // The current line, while it is held.
  #held: Uint8Array[] = []
  #heldBytes = 0
  // Lines of an event whose data goes on, and whether something of it was sent before them.
  #collected: Uint8Array[] = []
  #collectedBytes = 0
  #begunBefore = false
  #passAll = false

  /** @param maxHeldBytes a longer line (or event of several data lines) ends the cutting: all passes from there on */
  constructor(rules: CutRules, maxHeldBytes: number = DEFAULT_MAX_HELD_BYTES) {
    this.#rules = rules
    this.#maxHeld = maxHeldBytes
  }

  /** Takes the next bytes; returns those that can be sent now. The chunk's memory must not be reused. */
  push(chunk: Uint8Array): Uint8Array[] {
    const out = new PartList()
    let at = 0
    while (at < chunk.length) {
      if (this.#passAll) {
        out.add(chunk.subarray(at))
        break
      }
      const end = chunk.indexOf(LF, at) + 1
      const piece = chunk.subarray(at, end === 0 ? chunk.length : end)
      at += piece.length
      if (end === 0) this.#unended(piece, out)
      else this.#ended(piece, out)
    }
    return out.parts
  }

  /** The end of the stream: returns what is still held. */
  end(): Uint8Array[] {
    const out = new PartList()
    const rest = this.#takeHeld()
    if (this.#event === 'collecting') {
      if (rest.length > 0) this.#collected.push(rest)
      this.#sendCollected(out)
    } else if (this.#event !== 'dropping') {
      if (lineKind(rest) === 'data') this.#data(rest, out)
      else out.add(rest)
    }
    // A last line whose JSON is cut off was put aside to wait for more; no more will come.
    out.addAll(this.#collected)
    this.#collected = []
    return out.parts
  }

  #unended(piece: Uint8Array, out: PartList): void {
    if (this.#line === 'passing') out.add(piece)
    if (this.#line === 'passing' || this.#line === 'dropping') return
    this.#hold(piece)
    if (this.#line === 'new' && this.#event !== 'collecting') this.#decide(out)
    if (this.#heldBytes + this.#collectedBytes > this.#maxHeld) this.#giveUp(out)
  }

  #ended(piece: Uint8Array, out: PartList): void {
    const state = this.#line
    this.#line = 'new'
    if (state === 'passing') out.add(piece)
    else if (state !== 'dropping') {
      if (this.#heldBytes === 0) this.#whole(piece, out)
      else {
        this.#hold(piece)
        this.#whole(this.#takeHeld(), out)
      }
    }
    if (this.#collectedBytes > this.#maxHeld) this.#giveUp(out)
  }

  // Lets the beginning of a line go as soon as it is known that it needs no look at its end.
  #decide(out: PartList): void {
    const kind = lineKind(this.#held[0] as Uint8Array)
    if (kind === 'more') return
    if (this.#event === 'dropping') {
      this.#takeHeld()
      this.#line = 'dropping'
    } else if (kind === 'data' || (kind === 'event' && this.#rules.dropEvent !== undefined)) {
      this.#line = 'holding'
    } else {
      this.#line = 'passing'
      this.#sendField(this.#takeHeld(), kind === 'comment', out)
    }
  }

  #whole(line: Uint8Array, out: PartList): void {
    const kind = lineKind(line)
    if (this.#event === 'dropping') {
      if (kind === 'blank') this.#event = 'new'
    } else if (this.#event === 'collecting') {
      this.#collect(line)
      if (kind === 'blank') this.#sendCollected(out)
    } else if (kind === 'blank') {
      out.add(line)
      this.#event = 'new'
    } else if (kind === 'data') this.#data(line, out)
    else if (kind === 'event' && this.#event === 'new' && this.#isUnasked(line)) this.#event = 'dropping'
    else this.#sendField(line, kind === 'comment', out)
  }

  #isUnasked(line: Uint8Array): boolean {
    const { dropEvent } = this.#rules
    if (dropEvent === undefined) return false
    const value = line.subarray(valueStart(line, 'event'), contentEnd(line))
    return value.length === dropEvent.length && Buffer.from(dropEvent).equals(value)
  }

  #sendField(line: Uint8Array, isComment: boolean, out: PartList): void {
    if (!isComment && this.#event === 'new') this.#event = 'begun'
    out.add(line)
  }

  #data(line: Uint8Array, out: PartList): void {
    if (this.#event === 'sent') {
      out.add(line)
      return
    }
    const start = valueStart(line, 'data')
    const end = Math.max(start, contentEnd(line))
    const { verdict, cuts, drop } = planCuts(line.subarray(start, end), this.#rules)
    if (verdict === 'truncated') {
      this.#begunBefore = this.#event === 'begun'
      this.#event = 'collecting'
      this.#collect(line)
    } else if (drop && this.#event === 'new') this.#event = 'dropping'
    else {
      this.#event = 'sent'
      out.add(line.subarray(0, start))
      out.addAll(applyCuts(line.subarray(start, end), cuts))
      out.add(line.subarray(end))
    }
  }

  #collect(line: Uint8Array): void {
    this.#collected.push(line)
    this.#collectedBytes += line.length
  }

  #sendCollected(out: PartList): void {
    const data = new JoinedData(this.#collected)
    this.#collected = []
    this.#collectedBytes = 0
    this.#event = 'new'
    const { cuts, drop } = planCuts(data.text, this.#rules)
    if (drop && !this.#begunBefore) return
    out.addAll(cuts.length === 0 ? [data.raw] : applyCuts(data.raw, data.toRaw(cuts)))
  }

  #hold(piece: Uint8Array): void {
    const [only] = this.#held
    if (this.#held.length === 1 && only !== undefined && only.length < KIND_BYTES) {
      this.#held[0] = Buffer.concat([only, piece])
    } else this.#held.push(piece)
    this.#heldBytes += piece.length
  }

  #takeHeld(): Uint8Array {
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    return held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held)
  }

  #giveUp(out: PartList): void {
    this.#passAll = true
    out.addAll(this.#collected)
    out.addAll(this.#held)
    this.#collected = []
    this.#held = []
    this.#heldBytes = 0
    this.#event = 'new'
  }
}
