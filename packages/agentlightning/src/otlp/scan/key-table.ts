// Attribute keys looked up by their bytes, so that keys nobody asked for never become strings.
import type { KeyTable } from './span-view.ts'

const EMPTY = -1
const SLOTS_PER_KEY = 4

/**
 * Builds the table of the keys that someone wants. A key given twice keeps its last entry. An entry of
 * `undefined` cannot be told from an unknown key.
 */
export function createKeyTable<Entry>(entries: Iterable<readonly [string, Entry]>): KeyTable<Entry> {
  return new HashedKeys(new Map(entries))
}

class HashedKeys<Entry> implements KeyTable<Entry> {
  readonly entries: ReadonlyMap<string, Entry>
  readonly #values: Entry[] = []
  readonly #bytes: Buffer
  /** Where key n starts in `#bytes`; one more than there are keys. */
  readonly #starts: Int32Array
  readonly #hashes: Int32Array
  /** Open addressing: the number of a key, or `EMPTY`. */
  readonly #slots: Int32Array
  readonly #mask: number
  #longest = 0

  constructor(entries: ReadonlyMap<string, Entry>) {
    this.entries = entries
    const keys = [...entries.keys()].map((key) => Buffer.from(key))
    this.#bytes = Buffer.concat(keys)
    this.#starts = new Int32Array(keys.length + 1)
    this.#hashes = new Int32Array(keys.length)
    const size = 2 ** Math.ceil(Math.log2(Math.max(4, keys.length * SLOTS_PER_KEY)))
    this.#slots = new Int32Array(size).fill(EMPTY)
    this.#mask = size - 1
    for (const entry of entries.values()) this.#values.push(entry)
    for (const [number, key] of keys.entries()) this.#add(number, key)
  }

  match(body: Buffer, start: number, end: number): Entry | undefined {
    const length = end - start
    if (length > this.#longest) return undefined
    const hash = hashKey(body, start, length)
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const number = this.#slots[slot]!
      if (number === EMPTY) return undefined
      if (this.#hashes[number] === hash && this.#equals(number, body, start, length))
        return this.#values[number]
    }
  }

  #add(number: number, key: Buffer): void {
    const hash = hashKey(key, 0, key.length)
    this.#hashes[number] = hash
    this.#starts[number + 1] = this.#starts[number]! + key.length
    this.#longest = Math.max(this.#longest, key.length)
    let slot = hash & this.#mask
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & this.#mask
    this.#slots[slot] = number
  }

  #equals(number: number, body: Buffer, start: number, length: number): boolean {
    const from = this.#starts[number]!
    if (this.#starts[number + 1]! - from !== length) return false
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== body[start + i]) return false
    return true
  }
}

/** Samples the length and five bytes, most of them of the second half: attribute keys share their beginnings. */
function hashKey(body: Buffer, start: number, length: number): number {
  if (length === 0) return 0
  const last = start + length - 1
  const hash =
    (length << 8) ^
    body[start]! ^
    (body[last]! << 13) ^
    (body[last - (length >> 3)]! << 18) ^
    (body[last - (length >> 2)]! << 4) ^
    (body[start + (length >> 1)]! << 23)
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return mixed ^ (mixed >>> 12)
}
