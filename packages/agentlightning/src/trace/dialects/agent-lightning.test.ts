import { describe, expect, it } from 'vitest'
import { derive, deriveAll } from '../json-span.ts'

describe('token ids', () => {
  const ids = (count: number): number[] => Array.from({ length: count }, (_, at) => at * 7)

  it('are counted, the response ids of all choices together', () => {
    const fields = derive({
      prompt_token_ids: ids(30_000),
      response_token_ids: ids(5),
      'response_token_ids.1': ids(3),
      'response_token_ids.31': ids(2),
      'response_token_ids.32': ids(100),
    })
    expect(fields.promptIds).toBe(30_000)
    expect(fields.responseIds).toBe(10)
  })

  it('of the first choice count once when it is there twice, and of the others without it', () => {
    expect(derive({ response_token_ids: ids(5), 'response_token_ids.0': ids(5) }).responseIds).toBe(5)
    expect(derive({ 'response_token_ids.2': ids(4) }).responseIds).toBe(4)
  })

  it('that are an empty array are none', () => {
    expect(derive({ prompt_token_ids: [], response_token_ids: [] })).toEqual({ type: 'other' })
  })

  it('of other recorders count too, also as the text of a Python list', () => {
    expect(derive({ 'llm.hosted_vllm.prompt_token_ids': '[1, 22, 333]' }).promptIds).toBe(3)
    expect(derive({ 'llm.hosted_vllm.response_token_ids': '[[1, 22], [333]]' }).responseIds).toBe(3)
    expect(derive({ completion_token_ids: ids(4), prompt_token_ids: 'None' })).toEqual({
      type: 'other',
      responseIds: 4,
    })
  })
})

describe('a resource', () => {
  it('tells whose its spans are; a number is the same as its text, an empty text is nothing', () => {
    const resource = { 'agentlightning.rollout_id': 'r/7', 'agentlightning.attempt_id': 0 }
    expect(deriveAll({}, { resource }).resource).toEqual({ rollout: 'r/7', attempt: '0' })
    expect(deriveAll({}, { resource: { 'agentlightning.run_id': 'u' } }).resource).toEqual({ run: 'u' })
    expect(deriveAll({}, { resource: { 'agentlightning.rollout_id': ' ' } }).resource).toEqual({})
  })
})
