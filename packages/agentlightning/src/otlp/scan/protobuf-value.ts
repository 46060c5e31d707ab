// A view of one AnyValue (opentelemetry-proto common/v1) in protobuf.
import { skipIntElements } from './int-elements.ts'
import type { ValueView } from './span-view.ts'
import { finite, LONGEST_JSON_ARRAY, LONGEST_NUMBER, numberFromText, stringsFromText } from './value-text.ts'
import { Wire } from './wire.ts'

const STRING = 0x0a
const BOOL = 0x10
const INT = 0x18
const DOUBLE = 0x21
const ARRAY = 0x2a
const ELEMENT = 0x0a
const NOTHING = 0

/** Reused for value after value: valid until the visitor returns. The bytes have been checked before. */
export class ProtobufValue implements ValueView {
  #wire = new Wire(Buffer.alloc(0))
  #start = 0
  #end = 0
  /** Tag, start and end of the field that holds the value; found when first asked. */
  #tag = NOTHING
  #from = 0
  #to = 0
  #found = false

  set(body: Buffer, start: number, end: number): void {
    if (this.#wire.body !== body) this.#wire = new Wire(body)
    this.#start = start
    this.#end = end
    this.#found = false
  }

  string(): string | undefined {
    const { body } = this.#wire
    switch (this.#find()) {
      case STRING:
        return body.toString('utf8', this.#from, this.#to)
      case INT:
        return this.#wire.int64(this.#from, this.#to)
      case DOUBLE:
        return String(body.readDoubleLE(this.#from))
      case BOOL:
        return String(this.#wire.bool(this.#from, this.#to))
      default:
        return undefined
    }
  }

  number(): number | undefined {
    const { body } = this.#wire
    switch (this.#find()) {
      case INT:
        return Number(this.#wire.int64(this.#from, this.#to))
      case DOUBLE:
        return finite(body.readDoubleLE(this.#from))
      case STRING:
        if (this.#to - this.#from > LONGEST_NUMBER) return undefined
        return numberFromText(body.toString('latin1', this.#from, this.#to))
      default:
        return undefined
    }
  }

  boolean(): boolean | undefined {
    return this.#find() === BOOL ? this.#wire.bool(this.#from, this.#to) : undefined
  }

  strings(): string[] | undefined {
    const tag = this.#find()
    const { body } = this.#wire
    if (tag === STRING) {
      if (this.#to - this.#from > LONGEST_JSON_ARRAY) return undefined
      return stringsFromText(body.toString('utf8', this.#from, this.#to))
    }
    if (tag !== ARRAY) return undefined
    const strings: string[] = []
    const element = new ProtobufValue()
    this.#arrays((start, end) => {
      fields(this.#wire, start, end, (tag, from, to) => {
        if (tag !== ELEMENT) return
        element.set(body, from, to)
        if (element.#find() === STRING) strings.push(body.toString('utf8', element.#from, element.#to))
      })
    })
    return strings
  }

  count(): number | undefined {
    if (this.#find() !== ARRAY) return undefined
    let count = 0
    this.#arrays((start, end) => {
      count += countElements(this.#wire, start, end)
    })
    return count
  }

  /** The parts of the array, nearly always one: a field that occurs again goes on where it was. */
  #arrays(visit: (start: number, end: number) => void): void {
    fields(this.#wire, this.#start, this.#end, (tag, from, to) => {
      if (tag === ARRAY && from >= this.#from) visit(from, to)
    })
  }

  /** The tag of the field that counts: the last. Of arrays in a row, `#from` is the first's. */
  #find(): number {
    if (this.#found) return this.#tag
    this.#found = true
    this.#tag = NOTHING
    fields(this.#wire, this.#start, this.#end, (tag, from, to) => {
      if (tag >>> 3 > 7) return
      if (tag !== ARRAY || this.#tag !== ARRAY) this.#from = from
      this.#tag = tag
      this.#to = to
    })
    return this.#tag
  }
}

/** Number of elements of the checked ArrayValue at [start, end). */
function countElements(wire: Wire, start: number, end: number): number {
  let count = 0
  let p = start
  while (p < end) {
    count += skipIntElements(wire, p, end)
    p = wire.pos
    if (p === end) break
    const tag = wire.tag(p, end)
    p = wire.skip(tag, wire.pos, end, 0)
    if (tag === ELEMENT) count++
  }
  return count
}

/** Calls `visit` with the tag of each field of a checked message, and where its content lies. */
function fields(
  wire: Wire,
  start: number,
  end: number,
  visit: (tag: number, from: number, to: number) => void,
): void {
  let p = start
  while (p < end) {
    const tag = wire.tag(p, end)
    const content = wire.pos
    p = wire.skip(tag, content, end, 0)
    let from = content
    if ((tag & 7) === 2) {
      wire.enter(content, end)
      from = wire.pos
    }
    visit(tag, from, p)
  }
}
