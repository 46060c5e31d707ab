import { expect, test } from 'vitest'
import type { AnyValue } from '../otlp/decode/types.ts'
import { costPartsOf } from './cost-parts.ts'

const parts = (values: Readonly<Record<string, AnyValue>>) =>
  costPartsOf({ attributes: Object.entries(values).map(([key, value]) => ({ key, value })) })

test('parts are read in the names of every dialect that has them', () => {
  expect(
    parts({
      'gen_ai.usage.prompt_cost': { doubleValue: 0.25 },
      'gen_ai.usage.completion_cost': { stringValue: '0.5' },
    }),
  ).toEqual({ input: 0.25, output: 0.5 })
  expect(parts({ 'llm.cost.prompt': { intValue: '1' } })).toEqual({ input: 1, output: 0 })
})

test('what is no price is none', () => {
  expect(
    parts({ 'gen_ai.usage.prompt_cost': { doubleValue: 'NaN' }, 'llm.cost.completion': { doubleValue: -1 } }),
  ).toEqual({ input: 0, output: 0 })
  expect(parts({})).toEqual({ input: 0, output: 0 })
})
