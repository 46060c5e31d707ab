// What the tokens going in and coming out cost, as far as a client said it: only the sum of both is a field.
import type { DecodedSpan } from '../otlp/decode/index.ts'
import { numberFromText } from '../otlp/scan/value-text.ts'
import type { FieldName } from './dialects/dialect.ts'
import { dialects } from './dialects/index.ts'

/** USD. */
export interface CostParts {
  readonly input: number
  readonly output: number
}

const inputKeys = keysOf('cost.input')
const outputKeys = keysOf('cost.output')

/** The parts of a span's cost; 0 where the client did not say it. */
export function costPartsOf(span: Pick<DecodedSpan, 'attributes'>): CostParts {
  return { input: moneyAt(span, inputKeys), output: moneyAt(span, outputKeys) }
}

/** The keys of all dialects that mean `field`, the most trusted first. */
function keysOf(field: FieldName): readonly string[] {
  return dialects.flatMap(({ span }) => span.filter((rule) => rule.field === field).map(({ key }) => key))
}

function moneyAt({ attributes }: Pick<DecodedSpan, 'attributes'>, keys: readonly string[]): number {
  for (const key of keys) {
    const value = attributes.find((attribute) => attribute.key === key)?.value
    const { doubleValue, intValue, stringValue } = value ?? {}
    const usd = numberFromText(String(doubleValue ?? intValue ?? stringValue ?? ''))
    if (usd !== undefined && usd >= 0) return usd
  }
  return 0
}
