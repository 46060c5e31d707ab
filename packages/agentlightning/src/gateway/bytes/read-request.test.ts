import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRequest } from './read-request.ts'
import type { RequestMembers } from './types.ts'

function read(text: string): RequestMembers {
  const request = readRequest(Buffer.from(text))
  if (request.kind !== 'object') throw new Error(request.message)
  return request
}

describe('readRequest', () => {
  it('reads what the gateway needs, whatever the order and spacing', () => {
    const request = read(
      ' {"messages":[{"model":"inner","stream":false}], "stream" : true,\r\n "model":"a\\u0062c", "n":3, "best_of":4,' +
        '"echo":false,"logprobs":true,"top_logprobs":2,"return_token_ids":false,"tools":[ {} ],' +
        '"stream_options":{"include_usage":true}} ',
    )
    expect(request).toMatchObject({
      model: 'abc',
      stream: true,
      n: 3,
      bestOf: 4,
      echo: false,
      logprobs: true,
      topLogprobs: 2,
      returnTokenIds: false,
      includeUsage: true,
      tools: true,
    })
    expect(request.has('messages')).toBe(true)
    expect(request.isTrue('stream')).toBe(true)
    expect(request.isTrue('echo')).toBe(false)
  })

  it('reads an empty object, and one with a byte order mark', () => {
    expect(read('{ }')).toMatchObject({ tools: false })
    expect(read('\ufeff{"model":"m"}').model).toBe('m')
  })

  it('takes the last of members written twice, and the escapes of names', () => {
    expect(read('{"stream":false,"str\\u0065am":true}').stream).toBe(true)
    expect(read('{"stream":true,"stream":"yes"}').stream).toBeUndefined()
    const request = read('{"parameters":{"details":true},"parameters":{}}')
    expect(request.has('parameters.details')).toBe(false)
  })

  it('keeps a member of an unexpected type out, but knows of it', () => {
    const request = read(
      '{"stream":"true","n":"2","model":7,"tools":[],"return_token_ids":null,"logprobs":01}',
    )
    expect(request.stream).toBeUndefined()
    expect(request.model).toBeUndefined()
    expect(request.logprobs).toBeUndefined()
    expect(request.tools).toBe(false)
    expect(request.has('return_token_ids')).toBe(true)
  })

  it.each([
    ['', 'notJson', 0],
    ['   ', 'notJson', 3],
    ['{not json', 'notJson', 1],
    ['{"a":1,}', 'notJson', 7],
    ['{"a":1', 'notJson', 6],
    ['{"a":1}}', 'notJson', 7],
    ['{"a":tru}', 'notJson', 8],
    ['{"a":"x\ny"}', 'notJson', 7],
    ['{"a":"\\x"}', 'notJson', 7],
    ['{"a" 1}', 'notJson', 5],
    ['[1,2', 'notJson', 4],
    ['[{"model":"m"}]', 'notObject', 0],
    [' "text"', 'notObject', 1],
    ['12', 'notObject', 0],
    ['null', 'notObject', 0],
  ] as const)('says what is wrong with %j', (text, kind, offset) => {
    expect(readRequest(Buffer.from(text))).toMatchObject({ kind, offset })
  })

  it('refuses brackets nested beyond reason without recursion', () => {
    expect(readRequest(Buffer.from(`{"a":${'['.repeat(1e6)}`)).kind).toBe('notJson')
  })

  it('agrees with a full parser on any JSON object', () => {
    const member = fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.constant(null), fc.json())
    const object = fc.record(
      { model: member, stream: member, n: member, logprobs: member, x: member },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(object, fc.constantFrom('', ' ', '\t\r\n'), (value, space) => {
        const request = read(space + JSON.stringify(value, undefined, space) + space)
        expect(request.model).toBe(typeof value.model === 'string' ? value.model : undefined)
        expect(request.stream).toBe(typeof value.stream === 'boolean' ? value.stream : undefined)
        expect(request.n).toBe(typeof value.n === 'number' ? value.n : undefined)
        expect(request.has('x')).toBe('x' in value)
      }),
    )
  })

  it('never throws, and accepts nothing that a full parser refuses for its structure', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      '"a"',
      '1',
      'true',
      'null',
      ' ',
      '\\',
      '\\u00',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        const isObject = readRequest(Buffer.from(text)).kind === 'object'
        expect(isObject).toBe(parsesToObject(text))
      }),
      { numRuns: 5000 },
    )
  })
})

// Numbers are left to the server, so those that JSON does not know are made ones that it does.
function parsesToObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text.replaceAll(/(?<!\d)1+/g, '1'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
