import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { insertMembers } from './insert-members.ts'
import type { InsertedMember } from './types.ts'

const ids: InsertedMember = { name: 'return_token_ids', json: 'true' }
const details: InsertedMember = { name: 'details', json: 'true', within: 'parameters' }
const prefill: InsertedMember = { name: 'decoder_input_details', json: 'true', within: 'parameters' }

function insert(text: string, ...members: InsertedMember[]): string | undefined {
  const parts = insertMembers(Buffer.from(text), members)
  return parts && Buffer.concat(parts).toString()
}

describe('insertMembers', () => {
  it.each([
    ['{}', '{"return_token_ids":true}'],
    [' { }\n', ' {"return_token_ids":true }\n'],
    ['{"a":1}', '{"a":1,"return_token_ids":true}'],
    ['{"a":1 \n}', '{"a":1,"return_token_ids":true \n}'],
    ['\ufeff{"a":[{"return_token_ids":1}]}', '\ufeff{"a":[{"return_token_ids":1}],"return_token_ids":true}'],
  ])('writes behind what the client wrote: %j', (before, after) => {
    expect(insert(before, ids)).toBe(after)
  })

  it.each(['{"return_token_ids":false}', '{"return_token_ids":null,"a":1}', '{"return\\u005ftoken_ids":0}'])(
    'leaves a member that the client wrote: %j',
    (text) => {
      expect(insert(text, ids)).toBeUndefined()
      expect(insert(text, ids, { name: 'verbose', json: 'true' })).toBe(
        `${text.slice(0, -1)},"verbose":true}`,
      )
    },
  )

  it.each(['', '[]', '"x"', '{"a":1}x', '{"a":1,}', '{"a"}', '{"a":1', '{"a":[}', '{"a":"\t"}', '{not json'])(
    'leaves a body that is not one JSON object: %j',
    (text) => {
      expect(insert(text, ids)).toBeUndefined()
    },
  )

  it('writes into an inner object, or makes it', () => {
    expect(insert('{"inputs":"x"}', details, prefill)).toBe(
      '{"inputs":"x","parameters":{"details":true,"decoder_input_details":true}}',
    )
    expect(insert('{"parameters":{ },"inputs":"x"}', details)).toBe(
      '{"parameters":{"details":true },"inputs":"x"}',
    )
    expect(insert('{"parameters":{"a":{"details":0}},"b":1}', details, ids)).toBe(
      '{"parameters":{"a":{"details":0},"details":true},"b":1,"return_token_ids":true}',
    )
    expect(insert('{"parameters":{"details":false}}', details)).toBeUndefined()
    expect(insert('{"parameters":null}', details)).toBeUndefined()
    expect(insert('{"parameters":{},"parameters":{}}', details)).toBeUndefined()
    expect(insert('{"parameters":{"a":1 5},"b":1}', details)).toBeUndefined()
  })

  it('shares the memory of the body', () => {
    const body = Buffer.from('{"a":1}')
    const [before, , after] = insertMembers(body, [ids]) ?? []
    expect(before?.buffer).toBe(body.buffer)
    expect(after?.buffer).toBe(body.buffer)
  })

  it('changes nothing else of any JSON object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', '  '), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        const after = insert(text, { name: 'ours', json: '[1]' })
        if (Object.hasOwn(value, 'ours')) expect(after).toBeUndefined()
        else expect(JSON.parse(after ?? '')).toEqual({ ...JSON.parse(text), ours: [1] })
      }),
    )
  })
})
