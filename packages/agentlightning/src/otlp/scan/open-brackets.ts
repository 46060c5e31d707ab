// Which brackets are open, one bit each: nesting of any depth without recursion.

const FIRST_WORDS = 8

/** A stack of open objects and arrays that grows as needed. */
export class OpenBrackets {
  depth = 0
  /** The greatest depth since `reset`. */
  deepest = 0
  /** True when the innermost is an object. */
  inObject = false
  #bits = new Int32Array(FIRST_WORDS)

  reset(): void {
    this.depth = 0
    this.deepest = 0
    this.inObject = false
  }

  push(object: boolean): void {
    const word = this.depth >> 5
    if (word === this.#bits.length) {
      const larger = new Int32Array(this.#bits.length * 2)
      larger.set(this.#bits)
      this.#bits = larger
    }
    const bit = 1 << (this.depth & 31)
    this.#bits[word] = object ? this.#bits[word]! | bit : this.#bits[word]! & ~bit
    this.inObject = object
    this.depth++
    if (this.depth > this.deepest) this.deepest = this.depth
  }

  pop(): void {
    this.depth--
    const top = this.depth - 1
    this.inObject = top >= 0 && ((this.#bits[top >> 5]! >> (top & 31)) & 1) === 1
  }
}
