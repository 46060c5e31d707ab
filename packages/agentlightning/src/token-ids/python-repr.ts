// What Python's `repr` prints for a parsed JSON value: LiteLLM writes span attributes so (single quotes, None, True,
// nan). Objects print as `Name(key=value)` and are read like a dict.

/** Deeper nesting is no reply. */
const DEEPEST = 64

const literals: Readonly<Record<string, unknown>> = {
  None: null,
  True: true,
  False: false,
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
}
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
}
const closing: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' }

/** The value that `text` prints; `undefined` when it is no such text, or was cut. */
export function fromPythonRepr(text: string): unknown {
  const reader = new Reader(text)
  try {
    return reader.whole()
  } catch (error) {
    if (error instanceof NotPython) return undefined
    throw error
  }
}

/** The text is not what `repr` prints. */
class NotPython extends Error {}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): unknown {
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw new NotPython()
    return value
  }

  #value(depth: number): unknown {
    if (depth > DEEPEST) throw new NotPython()
    this.#space()
    const start = this.#text[this.#at]
    if (start === "'" || start === '"') return this.#string(start)
    if (start === '[' || start === '(') return this.#items(start, depth)
    if (start === '{') return this.#members(depth)
    return this.#number() ?? this.#word(depth)
  }

  #string(quote: string): string {
    let value = ''
    this.#at++
    for (;;) {
      const from = this.#at
      while (this.#at < this.#text.length && this.#text[this.#at] !== quote && this.#text[this.#at] !== '\\')
        this.#at++
      value += this.#text.slice(from, this.#at)
      const end = this.#text[this.#at++]
      if (end === quote) return value
      if (end === undefined) throw new NotPython()
      value += this.#escaped()
    }
  }

  #escaped(): string {
    const kind = this.#text[this.#at++]
    const digits = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0
    if (digits > 0) {
      const hex = this.#text.slice(this.#at, this.#at + digits)
      const code = Number.parseInt(hex, 16)
      if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits || code > 0x10ffff) throw new NotPython()
      this.#at += digits
      return String.fromCodePoint(code)
    }
    if (kind === undefined) throw new NotPython()
    return escapes[kind] ?? kind
  }

  #number(): number | undefined {
    const pattern = /-?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|inf\b)/y
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)?.[0]
    if (match === undefined) return undefined
    this.#at += match.length
    return match.endsWith('inf') ? (match === 'inf' ? Infinity : -Infinity) : Number(match)
  }

  /** A literal, or an object's name with its members in parentheses. */
  #word(depth: number): unknown {
    const name = this.#name()
    if (this.#text[this.#at] === '(') return this.#arguments(depth)
    if (!Object.hasOwn(literals, name)) throw new NotPython()
    return literals[name]
  }

  #name(): string {
    const pattern = /[A-Za-z_][\w.]*/y
    pattern.lastIndex = this.#at
    const name = pattern.exec(this.#text)?.[0]
    if (name === undefined) throw new NotPython()
    this.#at += name.length
    return name
  }

  #items(open: string, depth: number): unknown[] {
    const items: unknown[] = []
    this.#each(closing[open]!, () => items.push(this.#value(depth + 1)))
    return items
  }

  #members(depth: number): Record<string, unknown> {
    return this.#pairs('}', ':', () => String(this.#value(depth + 1)), depth)
  }

  #arguments(depth: number): Record<string, unknown> {
    return this.#pairs(')', '=', () => this.#name(), depth)
  }

  #pairs(close: string, sign: string, key: () => string, depth: number): Record<string, unknown> {
    const pairs: [string, unknown][] = []
    this.#each(close, () => {
      const name = key()
      this.#space()
      if (this.#text[this.#at++] !== sign) throw new NotPython()
      pairs.push([name, this.#value(depth + 1)])
    })
    return Object.fromEntries(pairs)
  }

  /** Reads what stands between a bracket and `close`, with a comma after each but perhaps the last. */
  #each(close: string, read: () => void): void {
    this.#at++
    for (;;) {
      this.#space()
      if (this.#text[this.#at] === close) break
      read()
      this.#space()
      if (this.#text[this.#at] === ',') this.#at++
      else if (this.#text[this.#at] !== close) throw new NotPython()
    }
    this.#at++
  }

  #space(): void {
    while (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) <= 0x20) this.#at++
  }
}
