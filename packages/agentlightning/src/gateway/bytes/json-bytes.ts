// A cursor over the bytes of one JSON text. Nothing is decoded unless asked for, and values are skipped in loops
// over bytes, since a prompt of megabytes or 100,000 token ids pass through here for every call.

/** Brackets that may be open at once; deeper texts count as not understood. */
const MAX_DEPTH = 512

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const SPACE = 0x20
const INFINITY = 0x49
/** `{` and `[`; their closing brackets are 2 above. */
export const OBJECT = 0x7b
export const ARRAY = 0x5b
/** First byte of `null`. */
export const NULL = 0x6e
const CLOSE_OBJECT = 0x7d
const CLOSE_ARRAY = 0x5d
const TO_CLOSING = 2

const numberBytes = new Uint8Array(256)
for (const byte of Buffer.from('0123456789+-.eE')) numberBytes[byte] = 1
const hexBytes = new Uint8Array(256)
for (const byte of Buffer.from('0123456789abcdefABCDEF')) hexBytes[byte] = 1
const escapes = new Uint8Array(256)
for (const byte of Buffer.from('"\\/bfnrt')) escapes[byte] = 1
// The last two are no JSON, but Python writes and reads them.
const literals = new Map(
  ['true', 'false', 'null', 'NaN', 'Infinity'].map((text) => [text.charCodeAt(0), Buffer.from(text)]),
)

// Skipping runs to its end without yielding, so that all cursors can share it.
const closing = new Uint8Array(MAX_DEPTH)

/**
 * Moves over a JSON text. A method that answers false or -1 met something that does not fit: `pos` is then the
 * offset of that byte, or the length of the text where it ended too early. Structure, strings and literals are
 * checked; of numbers only which bytes they are made of, and nothing of UTF-8.
 */
export class JsonBytes {
  readonly bytes: Uint8Array
  pos: number
  /** Of the key read last, between its quotes. */
  keyStart = 0
  keyEnd = 0
  keyEscaped = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    this.pos = hasMark ? 3 : 0
    this.space()
  }

  /** True where the text ended before its JSON did. */
  get truncated(): boolean {
    return this.pos >= this.bytes.length
  }

  /** The byte at the cursor, or -1 at the end. */
  byte(): number {
    return this.bytes[this.pos] ?? -1
  }

  /** Moves over whitespace. */
  space(): void {
    for (;;) {
      const byte = this.bytes[this.pos]
      if (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09) this.pos++
      else return
    }
  }

  /** Moves into the object or array at the cursor: 1 when it has members or elements, 0 when it is empty (and passed). */
  enter(): number {
    const close = this.byte() + TO_CLOSING
    this.pos++
    this.space()
    if (this.byte() !== close) return 1
    this.pos++
    return 0
  }

  /** Moves over a key and its colon to the value. */
  key(): boolean {
    if (this.byte() !== QUOTE) return false
    const start = this.pos + 1
    if (!this.#skipString()) return false
    this.keyStart = start
    this.keyEnd = this.pos - 1
    this.space()
    if (this.byte() !== COLON) return false
    this.pos++
    this.space()
    return true
  }

  /** The key read last. */
  keyText(): string {
    const { bytes, keyStart, keyEnd } = this
    if (!this.keyEscaped) return textOf(bytes, keyStart, keyEnd)
    return JSON.parse(textOf(bytes, keyStart - 1, keyEnd + 1)) as string
  }

  /** Behind a value within `{` or `[`: 1 at the next key or element, 0 past the closing bracket, -1 for neither. */
  more(open: number): number {
    this.space()
    const byte = this.byte()
    if (byte === open + TO_CLOSING) {
      this.pos++
      return 0
    }
    if (byte !== COMMA) return -1
    this.pos++
    this.space()
    return 1
  }

  /** Moves over the value at the cursor, whatever it holds. */
  skip(): boolean {
    const { bytes } = this
    let depth = 0
    for (;;) {
      const byte = this.byte()
      if (byte === QUOTE) {
        if (!this.#skipString()) return false
      } else if (byte === OBJECT || byte === ARRAY) {
        if (depth === MAX_DEPTH) return false
        closing[depth++] = byte + TO_CLOSING
        this.pos++
        this.space()
        const next = this.byte()
        if (next !== byte + TO_CLOSING) {
          if (byte === OBJECT && !this.key()) return false
          continue
        }
        depth--
        this.pos++
      } else if (byte === MINUS && bytes[this.pos + 1] === INFINITY) {
        this.pos++
        if (!this.#skipLiteral(INFINITY)) return false
      } else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) {
        this.#skipNumbers(depth > 0 && closing[depth - 1] === CLOSE_ARRAY)
      } else if (!this.#skipLiteral(byte)) return false
      // A value has ended: close what ends with it, go on to the next one.
      for (;;) {
        if (depth === 0) return true
        this.space()
        const after = bytes[this.pos]
        if (after === COMMA) {
          this.pos++
          this.space()
          if (closing[depth - 1] === CLOSE_OBJECT && !this.key()) return false
          break
        }
        if (after !== closing[depth - 1]) return false
        this.pos++
        depth--
      }
    }
  }

  /** True when nothing but whitespace is left. */
  atEnd(): boolean {
    this.space()
    return this.pos >= this.bytes.length
  }

  // At a number; in an array it goes on over the numbers that follow: there are up to 100,000 of them.
  #skipNumbers(inArray: boolean): void {
    const { bytes } = this
    let pos = this.pos
    for (;;) {
      while (numberBytes[bytes[pos] as number] === 1) pos++
      if (!inArray || bytes[pos] !== COMMA) break
      const next = bytes[pos + 1] === SPACE ? pos + 2 : pos + 1
      const byte = bytes[next] as number
      if (!(byte >= 0x30 && byte <= 0x39) && (byte !== MINUS || bytes[next + 1] === INFINITY)) break
      pos = next
    }
    this.pos = pos
  }

  #skipLiteral(first: number): boolean {
    const literal = literals.get(first)
    if (literal === undefined) return false
    for (const byte of literal) {
      if (this.bytes[this.pos] !== byte) return false
      this.pos++
    }
    return true
  }

  #skipString(): boolean {
    const { bytes } = this
    const { length } = bytes
    let escaped = false
    let pos = this.pos + 1
    while (pos < length) {
      const byte = bytes[pos] as number
      if (byte === QUOTE) {
        this.keyEscaped = escaped
        this.pos = pos + 1
        return true
      }
      if (byte < SPACE) {
        this.pos = pos
        return false
      }
      if (byte === BACKSLASH) {
        escaped = true
        if (escapes[bytes[pos + 1] as number] === 1) pos++
        else if (isUnicodeEscape(bytes, pos + 1)) pos += 5
        else {
          this.pos = Math.min(pos + 1, length)
          return false
        }
      }
      pos++
    }
    this.pos = length
    return false
  }
}

/** The text of bytes as UTF-8. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}

// Of \uXXXX, behind the backslash. One that the text cuts off counts, too: the string then ends too early anyway.
function isUnicodeEscape(bytes: Uint8Array, at: number): boolean {
  const { length } = bytes
  if (at < length && bytes[at] !== 0x75) return false
  for (let i = at + 1; i <= at + 4 && i < length; i++) if (hexBytes[bytes[i] as number] === 0) return false
  return true
}
