// What could not be used: sentences, each once, and not more than a person would read.

const MOST = 20

/** Gathers problems; the same one over all frames of a stream is one. */
export class Problems {
  readonly #sentences = new Set<string>()
  #left = 0

  add(sentence: string): void {
    if (this.#sentences.has(sentence)) return
    if (this.#sentences.size < MOST) this.#sentences.add(sentence)
    else this.#left++
  }

  get list(): readonly string[] {
    const more = this.#left === 0 ? [] : [`and ${this.#left} more`]
    return [...this.#sentences, ...more]
  }
}
