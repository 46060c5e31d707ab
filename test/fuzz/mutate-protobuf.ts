// Protobuf that is well-formed but wrong: fields of a message are moved, repeated, retyped, nested, emptied.
import type { Dice } from './random.ts'

/** A field; `value` is a list of fields where the bytes of a length-delimited one can be read as a message. */
interface Field {
  number: number
  type: number
  value: bigint | Buffer | Field[]
}

const DEEPEST = 12
const varints = [0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]
const numbers = [0, 1, 2, 3, 4, 5, 7, 9, 11, 15, 16, 19_000, 536_870_911]
const texts = [
  '',
  '\0',
  'NaN',
  '-1',
  '9'.repeat(400),
  '\u{10ffff}',
  '__proto__',
  '[1,"a"',
  '{"a":'.repeat(50),
]

/** One to three changes to the structure of `body`; `body` as it is when it is no protobuf. */
export function mutateProtobuf(dice: Dice, body: Buffer): Buffer {
  const root = parse(body, 0)
  if (!root) return body
  for (let count = 1 + dice.below(3); count > 0; count--) change(dice, root)
  return encode(dice, root, dice.once(20))
}

/** Replaces every value of 16 and 8 bytes that looks like an id, so that spans are new ones. */
export function renewIds(dice: Dice, body: Buffer): Buffer {
  const renewed = new Map<string, Buffer>()
  const walk = (fields: Field[]): void => {
    for (const field of fields) {
      if (Array.isArray(field.value)) walk(field.value)
      else if (
        field.value instanceof Buffer &&
        [1, 2, 4].includes(field.number) &&
        /^(8|16)$/.test(String(field.value.length))
      ) {
        const id = field.value.toString('hex')
        if (!renewed.has(id)) renewed.set(id, dice.bytes(field.value.length))
        field.value = renewed.get(id) as Buffer
      }
    }
  }
  const root = parse(body, 0)
  if (!root) return body
  walk(root)
  return encode(dice, root, false)
}

function change(dice: Dice, root: Field[]): void {
  let list = root
  while (!dice.once(4)) {
    const inner = list.map(({ value }) => value).filter((value): value is Field[] => Array.isArray(value))
    if (inner.length === 0) break
    list = dice.pick(inner)
  }
  const at = dice.below(list.length + 1)
  const field = list[at]
  if (!field) {
    list.push({ number: dice.pick(numbers), type: 0, value: dice.pick(varints) })
    return
  }
  switch (dice.below(9)) {
    case 0:
      list.splice(at, 1)
      break
    case 1:
      list.splice(
        at,
        0,
        ...Array.from({ length: 1 + dice.below(dice.once(10) ? 300 : 3) }, () => structuredClone(field)),
      )
      break
    case 2:
      list.push(...list.splice(0, at))
      break
    case 3:
      field.number = dice.pick(numbers)
      break
    case 4:
      retype(dice, field)
      break
    case 5:
      field.value = field.type === 0 ? dice.pick(varints) : Buffer.from(dice.pick(texts))
      if (field.type === 1 || field.type === 5) field.value = dice.bytes(field.type === 1 ? 8 : 4)
      break
    case 6:
      if (field.type === 2) field.value = dice.bytes(dice.pick([0, 1, 7, 8, 9, 15, 16, 17, 300]))
      break
    case 7:
      if (field.type === 2) field.value = nested(dice, field)
      break
    default:
      if (field.type === 2)
        field.value = Buffer.alloc(dice.pick([16, 8, 4, 70_000]), dice.pick([0x00, 0x0a, 0x80, 0xff]))
  }
}

function retype(dice: Dice, field: Field): void {
  field.type = dice.below(8)
  if (field.type === 0) field.value = dice.pick(varints)
  else if (field.type === 1) field.value = dice.bytes(8)
  else if (field.type === 5) field.value = dice.bytes(4)
  else if (field.type === 2) field.value = dice.bytes(dice.below(20))
  else field.value = Buffer.alloc(0)
}

/** The field within itself, as arrays or key-value lists of `AnyValue` are, around the limit of levels. */
function nested(dice: Dice, { value }: Field): Field[] {
  let inner: Field[] = Array.isArray(value) ? value : [{ number: 1, type: 2, value: value as Buffer }]
  const levels = dice.pick([1, 2, 31, 32, 33, 100, 400])
  for (let level = 0; level < levels; level++) {
    inner = [{ number: dice.pick([5, 6]), type: 2, value: [{ number: 1, type: 2, value: inner }] }]
  }
  return inner
}

function parse(bytes: Buffer, depth: number): Field[] | undefined {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint | undefined => {
    let value = 0n
    for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return undefined
  }
  while (at < bytes.length) {
    const tag = varint()
    if (tag === undefined || tag < 8n || tag > 0xffff_ffffn) return undefined
    const [number, type] = [Number(tag >> 3n), Number(tag & 7n)]
    if (type === 0) {
      const value = varint()
      if (value === undefined) return undefined
      fields.push({ number, type, value })
      continue
    }
    const length = type === 1 ? 8 : type === 5 ? 4 : type === 2 ? Number(varint() ?? -1n) : -1
    if (length < 0 || at + length > bytes.length) return undefined
    const value = bytes.subarray(at, at + length)
    at += length
    const inner = type === 2 && length > 1 && depth < DEEPEST ? parse(value, depth + 1) : undefined
    fields.push({ number, type, value: inner ?? Buffer.from(value) })
  }
  return fields
}

/** @param lie write one length in a while that is not true */
function encode(dice: Dice, fields: readonly Field[], lie: boolean): Buffer {
  const parts: Buffer[] = []
  for (const { number, type, value } of fields) {
    parts.push(varintBytes((BigInt(number) << 3n) | BigInt(type)))
    if (typeof value === 'bigint') parts.push(varintBytes(value))
    else {
      const bytes = Array.isArray(value) ? encode(dice, value, lie) : value
      const said = lie && dice.once(30) ? dice.pick(varints) : BigInt(bytes.length)
      if (type === 2) parts.push(varintBytes(said))
      parts.push(bytes)
    }
  }
  return Buffer.concat(parts)
}

function varintBytes(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
