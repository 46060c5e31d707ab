// A view of one AnyValue in OTLP/JSON.
import { readSetField, readValues, type SetField, type Values } from './json-any-value.ts'
import { JsonCursor } from './json-cursor.ts'
import { jsonText } from './json-text.ts'
import type { ValueView } from './span-view.ts'
import {
  exactInteger,
  finite,
  LONGEST_JSON_ARRAY,
  LONGEST_NUMBER,
  numberFromText,
  stringsFromText,
} from './value-text.ts'

/** Reused for value after value: valid until the visitor returns. The bytes have been checked before. */
export class JsonValue implements ValueView {
  #cursor = new JsonCursor(Buffer.alloc(0))
  #set: SetField | undefined

  /** Shows the field `set` of an AnyValue in `body`; `undefined` shows nothing. */
  show(body: Buffer, set: SetField | undefined): void {
    if (this.#cursor.body !== body) this.#cursor = new JsonCursor(body)
    this.#set = set
  }

  string(): string | undefined {
    switch (this.#set?.field) {
      case 'stringValue':
        return this.#text()
      case 'intValue':
        return this.#integer()
      case 'doubleValue': {
        const value = this.#double()
        return value === undefined ? undefined : String(value)
      }
      case 'boolValue': {
        const value = this.boolean()
        return value === undefined ? undefined : String(value)
      }
      default:
        return undefined
    }
  }

  number(): number | undefined {
    switch (this.#set?.field) {
      case 'intValue': {
        const text = this.#integer()
        return text === undefined ? undefined : finite(Number(text))
      }
      case 'doubleValue': {
        const value = this.#double()
        return value === undefined ? undefined : finite(value)
      }
      case 'stringValue': {
        const text = this.#text(LONGEST_NUMBER)
        return text === undefined ? undefined : numberFromText(text)
      }
      default:
        return undefined
    }
  }

  boolean(): boolean | undefined {
    if (this.#set?.field !== 'boolValue') return undefined
    const text = this.#text()
    return text === 'true' ? true : text === 'false' ? false : undefined
  }

  strings(): string[] | undefined {
    const field = this.#set?.field
    if (field === 'stringValue') {
      const text = this.#text(LONGEST_JSON_ARRAY)
      return text === undefined ? undefined : stringsFromText(text)
    }
    if (field !== 'arrayValue') return undefined
    const strings: string[] = []
    const element = new JsonValue()
    this.#elements((set) => {
      if (set?.field !== 'stringValue') return
      element.show(this.#cursor.body, set)
      const text = element.#text()
      if (text !== undefined) strings.push(text)
    })
    return strings
  }

  count(): number | undefined {
    if (this.#set?.field !== 'arrayValue') return undefined
    return this.#values()?.count ?? 0
  }

  #values(): Values | undefined {
    this.#cursor.pos = this.#set!.at
    return readValues(this.#cursor)
  }

  #elements(visit: (set: SetField | undefined) => void): void {
    const cursor = this.#cursor
    const values = this.#values()
    if (!values) return
    cursor.pos = values.at
    cursor.openArray()
    do {
      visit(readSetField(cursor))
    } while (cursor.moreElements())
  }

  /** The text of the value, a string or a scalar, when it has at most `longest` bytes. */
  #text(longest = Number.POSITIVE_INFINITY): string | undefined {
    const cursor = this.#cursor
    cursor.pos = this.#set!.at
    const type = cursor.peek()
    if (type === 'string') cursor.string()
    else if (type === 'number' || type === 'boolean') cursor.scalar()
    else return undefined
    return cursor.end - cursor.start > longest ? undefined : jsonText(cursor.body, cursor.start, cursor.end)
  }

  #integer(): string | undefined {
    const text = this.#text(LONGEST_NUMBER)
    return text === undefined ? undefined : (exactInteger(text) ?? text)
  }

  /** NaN for a null, and for a text that is no number. */
  #double(): number | undefined {
    const text = this.#text(LONGEST_NUMBER)
    return text === undefined ? Number.NaN : Number(text)
  }
}
