/** Parts of a stream to send, in order; neighbours in the same memory are joined into one part. */
export class PartList {
  readonly parts: Uint8Array[] = []

  add(part: Uint8Array): void {
    if (part.length === 0) return
    const last = this.parts.at(-1)
    if (last?.buffer === part.buffer && last.byteOffset + last.length === part.byteOffset) {
      const joined = new Uint8Array(last.buffer, last.byteOffset, last.length + part.length)
      this.parts[this.parts.length - 1] = joined
    } else this.parts.push(part)
  }

  addAll(parts: readonly Uint8Array[]): void {
    for (const part of parts) this.add(part)
  }
}
