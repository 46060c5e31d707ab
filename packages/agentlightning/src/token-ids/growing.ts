// Typed arrays that grow: a stream brings one id at a time, a plain reply all of them at once.

/** Appends to a typed array in amortised constant time. */
export class Growing<T extends Uint32Array | Float64Array> {
  readonly #make: (length: number) => T
  #data: T
  length = 0

  constructor(make: (length: number) => T) {
    this.#make = make
    this.#data = make(0)
  }

  /** Room for `more` values: the array and the place of the first of them. */
  reserve(more: number): { readonly data: T; readonly start: number } {
    const start = this.length
    const needed = start + more
    if (needed > this.#data.length) {
      const grown = this.#make(start === 0 ? needed : Math.max(needed, start * 2, 16))
      grown.set(this.#data.subarray(0, start))
      this.#data = grown
    }
    this.length = needed
    return { data: this.#data, start }
  }

  clear(): void {
    this.length = 0
  }

  /** What was appended; shares its memory with this object. */
  values(): T {
    return this.#data.subarray(0, this.length) as T
  }
}
