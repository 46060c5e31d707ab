// JSON that is well-formed but wrong, and some that only looks like JSON.
import { mutateBytes } from './mutate-bytes.ts'
import type { Dice } from './random.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Stand for text that `JSON.stringify` would never write. */
const literals = [
  'NaN',
  '-Infinity',
  '9007199254740993',
  '1e999',
  '-0',
  '0x10',
  '01',
  '1.',
  '"\\ud800"',
  '"\\u0000"',
  '"\u{1F600}"',
  '['.repeat(20_000) + ']'.repeat(20_000),
]
const MARK = '@literal:'

const values: readonly Json[] = [
  '['.repeat(20_000) + ']'.repeat(20_000),
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  1e21,
  '',
  ' ',
  '0',
  '-1',
  '9'.repeat(400),
  'NaN',
  '\u0000',
  '\ud800',
  '__proto__',
  '[1,"a"',
  '00000000000000000000000000000000',
  'AAAAAAAAAAA=',
  '2024-13-45T99:99:99Z',
  [],
  {},
  [null],
  [[]],
  { values: [] },
  { values: null },
  { doubleValue: null },
  { intValue: '1', stringValue: 'x' },
  { arrayValue: {} },
]
const keys = [
  'traceId',
  'spanId',
  'parentSpanId',
  'name',
  'attributes',
  'values',
  'key',
  'value',
  'stringValue',
  'intValue',
  'arrayValue',
  'kvlistValue',
  'bytesValue',
  'start_time_unix_nano',
  'events',
  'links',
  'status',
  'session',
  'session_id',
  'events',
  'event_type',
  'init_timestamp',
  'end_timestamp',
  'id',
  'prompt',
  'completion',
  'returns',
  'api_key',
  '__proto__',
  'constructor',
  '',
]

/** One to three changes to the values of `body`; damage where it is no JSON. */
export function mutateJson(dice: Dice, body: Buffer): Buffer {
  let root: Json
  try {
    root = JSON.parse(body.toString()) as Json
  } catch {
    return mutateBytes(dice, body, body)
  }
  for (let count = 1 + dice.below(3); count > 0; count--) root = change(dice, root)
  const pretty = dice.once(8)
  const text = (
    JSON.stringify(root, undefined, pretty ? dice.pick([1, '\t', '\r\n']) : undefined) ?? ''
  ).replaceAll(new RegExp(`"${MARK}(\\d+)"`, 'g'), (_, at: string) => literals[Number(at)] ?? 'null')
  const twice = dice.once(12) ? text.replace(/"(\w+)":/, '"$1":null,"$1":') : text
  return Buffer.from(dice.once(30) ? `\ufeff${twice}` : twice)
}

/** The text with each id of 16, 32 or 36 characters replaced by another. */
export function renewTextIds(dice: Dice, body: Buffer): Buffer {
  const renewed = new Map<string, string>()
  const uuid = /"([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"/g
  const text = body.toString().replaceAll(uuid, (_, id: string) => {
    if (!renewed.has(id))
      renewed.set(
        id,
        id.replaceAll(/[0-9a-f]/g, () => dice.below(16).toString(16)),
      )
    return `"${renewed.get(id)}"`
  })
  return Buffer.from(text)
}

function change(dice: Dice, root: Json): Json {
  if (typeof root !== 'object' || root === null || dice.once(50)) return somethingElse(dice, root)
  let holder = root as Record<string, Json> | Json[]
  for (;;) {
    const inner = Object.values(holder).filter((value) => typeof value === 'object' && value !== null)
    if (inner.length === 0 || dice.once(4)) break
    holder = dice.pick(inner) as typeof holder
  }
  if (Array.isArray(holder)) {
    const at = dice.below(holder.length + 1)
    const member = holder[at] ?? null
    if (dice.once(3)) holder.splice(at, 1)
    else if (dice.once(2))
      holder.splice(
        at,
        0,
        ...Array.from({ length: 1 + dice.below(dice.once(10) ? 300 : 3) }, () => structuredClone(member)),
      )
    else holder[Math.min(at, holder.length)] = somethingElse(dice, member)
    return root
  }
  const own = Object.keys(holder)
  const key = own.length > 0 && !dice.once(6) ? dice.pick(own) : dice.pick(keys)
  const member = (Object.hasOwn(holder, key) ? holder[key] : undefined) ?? null
  const action = dice.below(4)
  if (action === 0) delete holder[key]
  else if (action === 1)
    Object.defineProperty(holder, dice.pick(keys), {
      value: member,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  else
    Object.defineProperty(holder, key, {
      value: somethingElse(dice, member),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  return root
}

function somethingElse(dice: Dice, value: Json): Json {
  switch (dice.below(5)) {
    case 0:
      return `${MARK}${dice.below(literals.length)}`
    case 1: {
      let inner = value
      const levels = dice.pick([1, 2, 31, 32, 33, 50, 150, 400])
      const array = dice.once(2)
      for (let level = 0; level < levels; level++)
        inner = array
          ? { arrayValue: { values: [inner] } }
          : { kvlistValue: { values: [{ key: 'k', value: inner }] } }
      return inner
    }
    case 2:
      return 'x'.repeat(dice.pick([1, 300, 70_000]))
    default:
      return structuredClone(dice.pick(values))
  }
}
