import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutRulesFor } from './rules/cut-rules-for.ts'
import { StreamCutter } from './stream-cutter.ts'
import type { Backend, CutRules } from './types.ts'

function rules(backend: Backend, ...added: string[]): CutRules {
  const made = cutRulesFor(backend, 'chat', { streamed: true, added })
  if (made === undefined) throw new Error('no rules')
  return made
}

const vllm = rules('vllm', 'return_token_ids')
const framed = rules('sglang', 'x-sglext-return-input-ids', 'x-sglext-ids-framed')

function push(cutter: StreamCutter, text: string): string {
  return Buffer.concat(cutter.push(Buffer.from(text))).toString()
}

function all(of: CutRules, text: string): string {
  const cutter = new StreamCutter(of)
  return push(cutter, text) + Buffer.concat(cutter.end()).toString()
}

describe('StreamCutter sends as early as it can', () => {
  it('a line of data as soon as the line has ended', () => {
    const cutter = new StreamCutter(vllm)
    expect(push(cutter, 'data: {"prompt_token_ids":[1,2')).toBe('')
    expect(push(cutter, '],"a":1}\n')).toBe('data: {"prompt_token_ids":null,"a":1}\n')
    expect(push(cutter, '\n')).toBe('\n')
  })

  it('parts of lines that no rule can touch', () => {
    const cutter = new StreamCutter(vllm)
    expect(push(cutter, ': keep-al')).toBe(': keep-al')
    expect(push(cutter, 'ive\nda')).toBe('ive\n')
    expect(push(cutter, 'tum: 1')).toBe('datum: 1')
    expect(push(cutter, '\nevent: res')).toBe('\nevent: res')
    expect(push(cutter, 'ponse\ndata: [DONE]\n')).toBe('ponse\ndata: [DONE]\n')
  })

  it('the name of an event only where events are told by it', () => {
    const cutter = new StreamCutter(framed)
    expect(push(cutter, 'event: sgl')).toBe('')
    expect(push(cutter, 'ang\n')).toBe('event: sglang\n')
    expect(push(cutter, 'data: {}\n\nevent: sglext_ids\r')).toBe('data: {}\n\n')
    expect(push(cutter, '\ndata: anything\r\n\r')).toBe('')
    expect(push(cutter, '\n: next')).toBe(': next')
  })

  it('without copies', () => {
    const chunk = Buffer.from('data: {"a":1}\n\ndata: {"prompt_token_ids":[1]}\n\n')
    const parts = new StreamCutter(vllm).push(chunk)
    expect(parts.map((part) => Buffer.from(part).toString())).toEqual([
      'data: {"a":1}\n\ndata: {"prompt_token_ids":',
      'null',
      '}\n\n',
    ])
    expect(parts[0]?.buffer).toBe(chunk.buffer)
    expect(parts[2]?.buffer).toBe(chunk.buffer)
  })
})

describe('StreamCutter passes what it is not sure of', () => {
  it.each([
    'data: {"prompt_token_ids":"text"}\n\n',
    'data: {"prompt_token_ids":{"a":[1]}}\n\n',
    'data: {"prompt_token_ids":7,"choices":[{"token_ids":[1]}]}\n\n',
    'data: {"choices":{"token_ids":[1]}}\n\n',
    'data: {"prompt_token_ids":[1,2}\n\n',
    'data: {"prompt_token_ids":[1]} x\n\n',
    'data: {"prompt_token_ids":[1],}\n\n',
    `data: {"prompt_token_ids":[1],"deep":${'['.repeat(600)}${']'.repeat(600)}}\n\n`,
    'data: [{"prompt_token_ids":[1]}]\n\n',
    'data:\n\n',
    'data\n\n',
    'DATA: {"prompt_token_ids":[1]}\n\n',
    'data: {"choices":[null,{"token_ids":null}],"prompt_token_ids":null}\n\n',
  ])('%j', (text) => {
    expect(all(vllm, text)).toBe(text)
  })

  it('and goes on cutting after it', () => {
    const odd = 'data: {"prompt_token_ids":"x"}\n\ndata: {"a":\n\n'
    expect(all(vllm, `${odd}data: {"prompt_token_ids":[]}\n\n`)).toBe(
      `${odd}data: {"prompt_token_ids":null}\n\n`,
    )
  })

  it('a stream that breaks off', () => {
    expect(all(vllm, 'data: {"prompt_token_ids":[1,2')).toBe('data: {"prompt_token_ids":[1,2')
    expect(all(vllm, 'data: {"prompt_token_ids":[1,2]}')).toBe('data: {"prompt_token_ids":null}')
    expect(all(vllm, 'data: {"a":\ndata: 1')).toBe('data: {"a":\ndata: 1')
    expect(all(vllm, 'dat')).toBe('dat')
  })

  it.each([
    ['one line', `data: {"prompt_token_ids":[${'1,'.repeat(100)}`, '1]}\n\n'],
    ['several lines', `data: {"prompt_token_ids":[\n${'data: 1,\n'.repeat(30)}`, 'data: 1]}\n\n'],
  ])('everything from the point where %s would be held beyond the bound', (_, begin, rest) => {
    const cutter = new StreamCutter(vllm, 100)
    expect(push(cutter, 'data: {"prompt_token_ids":[1]}\n\n')).toBe('data: {"prompt_token_ids":null}\n\n')
    expect(push(cutter, begin)).toBe(begin)
    const after = `${rest}data: {"prompt_token_ids":[1]}\n\n`
    expect(push(cutter, after)).toBe(after)
    expect(cutter.end()).toEqual([])
  })
})

describe('StreamCutter leaves out an event', () => {
  const tokensOnly = '{"choices":[{"delta":{},"finish_reason":null,"token_ids":[1]}]}'

  it('only as a whole', () => {
    expect(all(vllm, `data: ${tokensOnly}\n\ndata: 1\n\n`)).toBe('data: 1\n\n')
    expect(all(vllm, `id: 7\ndata: ${tokensOnly}\n\n`)).toBe(
      `id: 7\ndata: ${tokensOnly.replace('[1]', 'null')}\n\n`,
    )
  })

  it.each([
    tokensOnly.replace('"delta":{}', '"delta":{"content":""}'),
    tokensOnly.replace('"finish_reason":null', '"finish_reason":"stop"'),
    tokensOnly.replace('"finish_reason":null,', ''),
    '{"choices":[{"delta":{},"finish_reason":null,"token_ids":[1]},{"delta":{"content":"x"},"finish_reason":null}]}',
    '{"choices":[],"usage":{}}',
  ])('and none that says something: %s', (data) => {
    expect(all(vllm, `data: ${data}\n\n`)).toContain('data: {"choices":[')
  })

  it('keeps an unframed chunk of SGLang with usage', () => {
    const chunk = 'data: {"choices":[],"usage":{"total_tokens":1},"sglext":{"input_ids":[1]}}\n\n'
    expect(all(framed, chunk)).toBe('data: {"choices":[],"usage":{"total_tokens":1}}\n\n')
  })
})

describe('StreamCutter, whatever comes', () => {
  const piece = fc.constantFrom(
    'data: ',
    'data:{"prompt_token_ids":[1,2]}',
    '{"choices":[{"delta":{},"finish_reason":null,"token_ids":[3]}]}',
    'event: sglext_ids',
    '{"choices":[],"sglext":{"input_ids":[1]}}',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    ': c',
    '{"a":',
    '1}',
    '😀',
    'id: 1',
  )

  it.each([
    ['vLLM', vllm],
    ['SGLang', framed],
  ])('gives the same bytes however they are cut into chunks (%s)', (_, of) => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(300)), (pieces, borders) => {
        const bytes = Buffer.from(pieces.join(''))
        const cutter = new StreamCutter(of)
        const parts: Uint8Array[] = []
        let from = 0
        for (const border of [...borders, bytes.length].sort((a, b) => a - b)) {
          parts.push(...cutter.push(bytes.subarray(from, Math.min(border, bytes.length))))
          from = Math.min(border, bytes.length)
        }
        parts.push(...cutter.end())
        expect(Buffer.concat(parts).toString()).toBe(all(of, bytes.toString()))
      }),
      { numRuns: 3000 },
    )
  })

  it('changes no byte of a stream without ids', () => {
    const data = fc.jsonValue().map((value) => JSON.stringify(value).replaceAll('ids', 'idz'))
    const line = fc.oneof(data, fc.string()).map((text) => `data: ${text}\n\n`)
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(all(vllm, lines.join(''))).toBe(lines.join(''))
      }),
    )
  })
})
