// Reading JSON (RFC 8259) in place: bytes are checked and skipped, strings are made only where asked for.
import { AglError } from '../../errors.ts'
import { OpenBrackets } from './open-brackets.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const MINUS = 0x2d
const POINT = 0x2e

/** 1 for the bytes that end the plain run of a string: quote, backslash, control characters. */
const endsRun = new Uint8Array(256)
endsRun.fill(1, 0, 0x20)
endsRun[QUOTE] = 1
endsRun[BACKSLASH] = 1

const simpleEscapes = new Uint8Array(256)
for (const byte of Buffer.from('"\\/bfnrt')) simpleEscapes[byte] = 1
const UNICODE_ESCAPE = 0x75

/** What a value is, by its first byte. */
export type JsonType = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** Walks over one JSON text. Whatever is read is checked: anything that is no JSON throws `AGL_BAD_BODY`. */
export class JsonCursor {
  readonly body: Buffer
  /** The next byte to read; behind white space after every call. */
  pos: number
  /** Where the characters of the string or key read last lie, without its quotes, escapes as they are. */
  start = 0
  end = 0
  /** True when that string holds an escape. */
  escaped = false
  /** Commas at the outermost level of the value skipped last: one less than an array has elements. */
  commas = 0
  /** Commas at any level of it: no array in it can have more elements than these and one. */
  allCommas = 0
  /** Bracket levels of the value skipped last: 0 for a scalar. */
  levels = 0
  /** Where the object or array stepped out of last ends. */
  closed = 0
  readonly #open = new OpenBrackets()

  /** @param start where the text begins, 0 unless it is a part of a larger one */
  constructor(body: Buffer, start = 0) {
    this.body = body
    this.pos = start
    this.#space()
  }

  /** The error for what stands at `at`. */
  fail(what: string, at: number): AglError {
    const found = at >= this.body.length ? 'it ends too early' : what
    return new AglError('AGL_BAD_BODY', { format: 'OTLP JSON', what: found, at })
  }

  /** What the value at `pos` is. */
  peek(): JsonType {
    const byte = this.body[this.pos]!
    if (byte === QUOTE) return 'string'
    if (byte === OPEN_OBJECT) return 'object'
    if (byte === OPEN_ARRAY) return 'array'
    if (byte === 0x74 || byte === 0x66) return 'boolean'
    if (byte === 0x6e) return 'null'
    if (byte === MINUS || isDigit(byte)) return 'number'
    throw this.fail('a value was expected', this.pos)
  }

  /** Steps into the object at `pos`, to its first key; false, and behind it, when it is empty. */
  openObject(): boolean {
    return this.#enter(CLOSE_OBJECT)
  }

  /** Steps into the array at `pos`, to its first element; false, and behind it, when it is empty. */
  openArray(): boolean {
    return this.#enter(CLOSE_ARRAY)
  }

  /** Steps to the next key of the object, or behind its end: false. */
  moreKeys(): boolean {
    return this.#next(CLOSE_OBJECT)
  }

  /** Steps to the next element of the array, or behind its end: false. */
  moreElements(): boolean {
    return this.#next(CLOSE_ARRAY)
  }

  /** Reads a key into `start`, `end` and steps to its value. */
  key(): void {
    this.pos = this.#keyAndColon(this.pos)
  }

  /** Reads the string at `pos` into `start`, `end`. */
  string(): void {
    this.pos = this.#skipString(this.pos)
    this.#space()
  }

  /** Reads a number, `true`, `false` or `null` at `pos` into `start`, `end`. */
  scalar(): void {
    this.start = this.pos
    this.end = this.#skipScalar(this.pos)
    this.pos = this.end
    this.#space()
  }

  /** Skips the value at `pos`, however deep, and returns where it ends. `levels` says how deep it was. */
  skip(): number {
    const end = this.#skipValue(this.pos)
    this.pos = end
    this.#space()
    return end
  }

  /** Throws unless the text ends at `pos`. */
  finish(): void {
    if (this.pos < this.body.length) throw this.fail('more text follows the message', this.pos)
  }

  #enter(close: number): boolean {
    this.pos++
    this.#space()
    if (this.body[this.pos] !== close) return true
    this.#close()
    return false
  }

  #next(close: number): boolean {
    const byte = this.body[this.pos]
    if (byte !== COMMA && byte !== close) {
      throw this.fail(`a comma or ${String.fromCharCode(close)} was expected`, this.pos)
    }
    if (byte === close) {
      this.#close()
      return false
    }
    this.pos++
    this.#space()
    return true
  }

  #close(): void {
    this.pos++
    this.closed = this.pos
    this.#space()
  }

  #space(): void {
    this.pos = this.#skipSpace(this.pos)
  }

  #skipSpace(from: number): number {
    let p = from
    let byte = this.body[p]!
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = this.body[++p]!
    return p
  }

  #keyAndColon(from: number): number {
    if (this.body[from] !== QUOTE) throw this.fail('a key was expected', from)
    const p = this.#skipSpace(this.#skipString(from))
    if (this.body[p] !== COLON) throw this.fail('a colon was expected', p)
    return this.#skipSpace(p + 1)
  }

  #skipString(from: number): number {
    const { body } = this
    let p = from + 1
    this.start = p
    this.escaped = false
    for (;;) {
      while (endsRun[body[p]!] === 0) p++
      const byte = body[p]
      if (byte === QUOTE) break
      if (byte !== BACKSLASH) throw this.fail('a control character stands in a string', p)
      this.escaped = true
      p = this.#skipEscape(p)
    }
    this.end = p
    return p + 1
  }

  #skipEscape(from: number): number {
    const kind = this.body[from + 1]!
    if (simpleEscapes[kind] === 1) return from + 2
    if (kind !== UNICODE_ESCAPE) throw this.fail('an escape is unknown', from + 1)
    for (let p = from + 2; p < from + 6; p++) {
      if (!isHexDigit(this.body[p]!)) throw this.fail('an escape needs four hex digits', p)
    }
    return from + 6
  }

  #skipScalar(from: number): number {
    switch (this.body[from]) {
      case 0x74:
        return this.#skipWord(from, 'true')
      case 0x66:
        return this.#skipWord(from, 'false')
      case 0x6e:
        return this.#skipWord(from, 'null')
      default:
        return this.#skipNumber(from)
    }
  }

  #skipWord(from: number, word: string): number {
    for (let i = 1; i < word.length; i++) {
      if (this.body[from + i] !== word.charCodeAt(i)) throw this.fail(`${word} was expected`, from + i)
    }
    return from + word.length
  }

  #skipNumber(from: number): number {
    const { body } = this
    let p = body[from] === MINUS ? from + 1 : from
    if (!isDigit(body[p]!)) throw this.fail('a value was expected', p)
    p = body[p] === 0x30 ? p + 1 : this.#skipDigits(p)
    if (body[p] === POINT) p = this.#skipDigits(p + 1)
    if (body[p] === 0x65 || body[p] === 0x45) {
      const sign = body[p + 1]
      p = this.#skipDigits(sign === 0x2b || sign === MINUS ? p + 2 : p + 1)
    }
    return p
  }

  #skipDigits(from: number): number {
    let p = from
    while (isDigit(this.body[p]!)) p++
    if (p === from) throw this.fail('a digit was expected', p)
    return p
  }

  /** No recursion: ten million brackets cost memory (a bit each) but no stack. */
  #skipValue(from: number): number {
    const { body } = this
    const open = this.#open
    open.reset()
    this.commas = 0
    this.allCommas = 0
    let p = from
    for (;;) {
      const byte = body[p]
      if (byte === OPEN_OBJECT) {
        open.push(true)
        p = this.#skipSpace(p + 1)
        if (body[p] !== CLOSE_OBJECT) {
          p = this.#keyAndColon(p)
          continue
        }
        open.pop()
        p++
      } else if (byte === OPEN_ARRAY) {
        open.push(false)
        p = this.#skipSpace(p + 1)
        if (body[p] !== CLOSE_ARRAY) continue
        open.pop()
        p++
      } else if (byte === QUOTE) {
        p = this.#skipString(p)
      } else {
        p = this.#skipScalar(p)
      }
      p = this.#closeBrackets(p)
      if (open.depth === 0) break
    }
    this.levels = open.deepest
    return p
  }

  /** Behind a value: closes what ends here, and steps to the next value of what does not. */
  #closeBrackets(from: number): number {
    const open = this.#open
    let p = from
    while (open.depth > 0) {
      p = this.#skipSpace(p)
      const byte = this.body[p]
      if (byte === COMMA) {
        this.allCommas++
        if (open.depth === 1) this.commas++
        p = this.#skipSpace(p + 1)
        return open.inObject ? this.#keyAndColon(p) : p
      }
      const close = open.inObject ? CLOSE_OBJECT : CLOSE_ARRAY
      if (byte !== close) throw this.fail(`a comma or ${String.fromCharCode(close)} was expected`, p)
      open.pop()
      p++
    }
    return p
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46)
}
