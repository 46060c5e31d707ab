// Attribute values of OTLP's JSON form, with their types, for people.
import { nesting } from '../../trace/nesting.ts'
import { formatBytes } from './format.ts'
import { cleanLine, cleanLines } from './text.ts'

/** `AnyValue` of OTLP/JSON (opentelemetry-proto common/v1). An empty object is a value that is not set. */
export interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  /** Decimal text, so that 64 bits survive. */
  readonly intValue?: string | number
  readonly doubleValue?: number | string | null
  /** Base64. */
  readonly bytesValue?: string
  readonly arrayValue?: { readonly values?: readonly AnyValue[] }
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] }
}

/** `KeyValue` of OTLP/JSON. */
export interface KeyValue {
  readonly key: string
  readonly value?: AnyValue
}

/** A value as a view shows it. */
export interface ShownValue {
  /** `string`, `int`, `json` (a string that holds an object or array), `int[88]` … */
  readonly type: string
  /** Cleaned: safe to print. */
  readonly lines: readonly string[]
}

/** Elements of an array that are shown unless all are asked for. */
const SHOWN_ELEMENTS = 12
/** JSON of at most this many characters is not spread over lines. */
const ONE_LINE = 60
/** A longer string is not tried as JSON. */
const JSON_LIMIT = 512 * 1024
/** Deeper JSON is not indented: the indentation alone would be far longer than the text. */
const JSON_DEPTH = 64

/** What a value is, and how it reads. */
export function showValue(value: AnyValue | undefined, all: boolean): ShownValue {
  if (value?.stringValue !== undefined) return showString(value.stringValue)
  if (value?.boolValue !== undefined) return { type: 'bool', lines: [String(value.boolValue)] }
  if (value?.intValue !== undefined) return { type: 'int', lines: [cleanLine(String(value.intValue))] }
  if (value?.doubleValue !== undefined) return { type: 'double', lines: [doubleText(value.doubleValue)] }
  if (value?.bytesValue !== undefined) return showBytes(value.bytesValue)
  if (value?.arrayValue !== undefined) return showArray(value.arrayValue.values ?? [], all)
  if (value?.kvlistValue !== undefined) return showJson('map', plainValue(value))
  return { type: 'empty', lines: [''] }
}

function showString(text: string): ShownValue {
  const first = text.trimStart()[0]
  if ((first === '{' || first === '[') && text.length <= JSON_LIMIT && nesting(text) <= JSON_DEPTH) {
    try {
      return showJson('json', JSON.parse(text))
    } catch {
      // Cut by a limit of the SDK, or no JSON at all: shown as the text that it is.
    }
  }
  return { type: 'string', lines: cleanLines(text) }
}

function showJson(type: string, value: unknown): ShownValue {
  const oneLine = JSON.stringify(value)
  const text = oneLine.length <= ONE_LINE ? oneLine : JSON.stringify(value, null, 2)
  return { type, lines: cleanLines(text) }
}

function showBytes(base64: string): ShownValue {
  const size = Buffer.byteLength(base64, 'base64')
  const hex = Buffer.from(base64.slice(0, 64), 'base64').subarray(0, 16).toString('hex')
  return { type: 'bytes', lines: [`${hex}${size > 16 ? '…' : ''} (${formatBytes(size)})`] }
}

function showArray(values: readonly AnyValue[], all: boolean): ShownValue {
  const types = new Set(values.map(typeOf))
  const [only] = types
  const type = `${types.size === 1 ? only : types.size === 0 ? '' : 'mixed'}[${values.length}]`
  const shown = all ? values : values.slice(0, SHOWN_ELEMENTS)
  const rest = values.length - shown.length
  const more = rest > 0 ? `, … ${rest} more` : ''
  const text = `[${shown.map((value) => JSON.stringify(plainValue(value))).join(', ')}${more}]`
  const numbers = only !== 'string' && only !== 'map' && only !== 'array'
  if (text.length <= ONE_LINE || (types.size === 1 && numbers)) return { type, lines: cleanLines(text) }
  const lines = shown.flatMap((value) =>
    showValue(value, all).lines.map((line, at) => (at ? '  ' : '- ') + line),
  )
  return { type, lines: rest > 0 ? [...lines, `… ${rest} more`] : lines }
}

function typeOf(value: AnyValue): string {
  const [kind] = Object.keys(value)
  return kind === undefined ? 'empty' : kind === 'kvlistValue' ? 'map' : kind.replace('Value', '')
}

/** The JSON value nearest to what was sent; 64-bit integers that a number cannot hold stay text. */
function plainValue(value: AnyValue | undefined): unknown {
  if (value?.intValue !== undefined) {
    const number = Number(value.intValue)
    return Number.isSafeInteger(number) ? number : String(value.intValue)
  }
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plainValue)
  if (value?.kvlistValue !== undefined) {
    return Object.fromEntries(
      (value.kvlistValue.values ?? []).map((pair) => [pair.key, plainValue(pair.value)]),
    )
  }
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? value?.bytesValue ?? null
}

/** Some SDKs write null where JSON has no number: NaN or an infinity. */
function doubleText(value: number | string | null): string {
  return value === null ? 'not a number' : cleanLine(String(value))
}
