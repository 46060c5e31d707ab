import { describe, expect, it } from 'vitest'
import { derive } from './json-span.ts'

describe('usage', () => {
  it('of Claude Code leaves cached tokens out of its input: they are added', () => {
    const fields = derive({
      'span.type': 'claude_code.llm_request',
      input_tokens: 10,
      output_tokens: 5,
      cache_read_tokens: 2,
      cache_creation_tokens: 3,
    })
    expect(fields.usage).toEqual({ input: 15, output: 5, total: 20, cacheRead: 2, cacheWrite: 3 })
  })

  it('with more cached tokens than input cannot include them: they are added', () => {
    const fields = derive({
      'gen_ai.usage.prompt_tokens': 4,
      'gen_ai.usage.completion_tokens': 5,
      'gen_ai.usage.total_tokens': 9,
      'gen_ai.usage.cache_read_input_tokens': 1_000,
    })
    expect(fields.usage).toEqual({ input: 1_004, output: 5, total: 1_009, cacheRead: 1_000 })
  })

  it('whose total counts cached tokens beside the input has them added', () => {
    const fields = derive({
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.total_tokens': 145,
      'gen_ai.usage.cache_read_input_tokens': 40,
    })
    expect(fields.usage).toEqual({ input: 140, output: 5, total: 145, cacheRead: 40 })
  })

  it('is left as it is wherever that is not certain', () => {
    const fields = derive({
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.cache_read.input_tokens': 40,
    })
    expect(fields.usage).toEqual({ input: 100, output: 5, total: 105, cacheRead: 40 })
  })

  it.each([
    ['negative', -1],
    ['NaN', null],
    ['broken', 1.5],
    ['not a number', 'many'],
    ['beyond exact numbers', '9007199254740993'],
  ])('that is %s is ignored, and the next key is asked', (_, value) => {
    const fields = derive({ 'gen_ai.usage.input_tokens': value, 'gen_ai.usage.prompt_tokens': 7 })
    expect(fields.usage).toEqual({ input: 7, total: 7 })
    expect(derive({ 'gen_ai.usage.input_tokens': value })).toEqual({ type: 'other' })
  })

  it('of zeros says nothing', () => {
    expect(derive({ 'gen_ai.usage.input_tokens': 0, 'gen_ai.usage.output_tokens': 0 }).usage).toBeUndefined()
    expect(derive({ 'gen_ai.usage.input_tokens': 3, 'gen_ai.usage.output_tokens': 0 }).usage).toEqual({
      input: 3,
      output: 0,
      total: 3,
    })
  })

  it('negative and infinite costs are ignored, a cost of nothing is known', () => {
    expect(derive({ 'gen_ai.usage.cost': -1, 'gen_ai.usage.total_cost': 'NaN' }).cost).toBeUndefined()
    expect(derive({ 'gen_ai.usage.cost': 0 }).cost).toBe(0)
  })
})
