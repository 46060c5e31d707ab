import { describe, expect, it } from 'vitest'
import { extractParsed, extractReply } from '../extract.ts'
import { byEra, byServer, hello, prompt } from '../fixtures/goldens.ts'
import { json, plain, stream } from '../fixtures/replies.ts'
import { shapes } from './index.ts'

describe.each([
  ['by era', byEra],
  ['by server', byServer],
])('a reply, %s', (_, goldens) => {
  it.each(Object.entries(goldens))('%s', (_name, [body, wantedPrompt, responses, names]) => {
    const tokens = extractReply(json(body))
    expect(plain(tokens)).toMatchObject({ prompt: wantedPrompt, responses })
    expect([...tokens.shapes].sort()).toEqual([...names].sort())
    expect(tokens).toMatchObject({ finished: true, problems: [] })
    expect(extractParsed(body)).toEqual(tokens)
  })

  it.each(Object.entries(goldens))('with null in place of every list has none: %s', (_name, [body]) => {
    const nulled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.every((item) => typeof item !== 'object' || item === null || Array.isArray(item))
          ? null
          : value.map(nulled)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, nulled(member)]))
          : value
    const parsed: unknown = typeof body === 'string' ? JSON.parse(body) : body
    const tokens = extractReply(json(nulled(parsed)))
    expect(tokens.problems).toEqual([])
    expect(tokens.promptTokenIds?.length ?? 0).toBeLessThan(2)
  })
})

describe('a stream', () => {
  it('B: joins what each chunk brings', () => {
    const tokens = extractReply(
      stream([
        {
          id: 'c-1',
          prompt_token_ids: [11, 12, 13],
          choices: [{ index: 0, delta: { role: 'assistant', content: '' } }],
        },
        { id: 'c-1', choices: [{ index: 0, delta: { content: 'Yes' }, token_ids: [40] }] },
        {
          id: 'c-1',
          choices: [{ index: 0, delta: { content: '.' }, token_ids: [41], finish_reason: 'stop' }],
        },
      ]),
    )
    expect(plain(tokens)).toMatchObject({ prompt: [11, 12, 13], responses: [[40, 41]] })
    expect(tokens).toMatchObject({ responseId: 'c-1', finished: true })
  })

  it('M: reads sglext after the finish reason, named or not', () => {
    const frame = { choices: [], usage: null, sglext: { input_ids: prompt, output_ids: [hello] } }
    const chunk = { choices: [{ index: 0, delta: { content: 'dez twof' }, finish_reason: 'stop' }] }
    for (const name of ['', 'event: sglext_ids\n']) {
      const body = `data: ${JSON.stringify(chunk)}\n\n${name}data: ${JSON.stringify(frame)}\n\ndata: [DONE]\n\n`
      expect(plain(extractReply(Buffer.from(body)))).toMatchObject({ prompt, responses: [hello] })
    }
  })

  it('P: joins lists of several ids, and logprobs of tokens that have none', () => {
    const tokens = extractReply(
      stream([
        { choices: [{ token_ids: [464, 69], index: 0, delta: { content: ' twof' } }] },
        {
          choices: [
            {
              finish_reason: 'stop',
              index: 0,
              delta: {},
              logprobs: { content: [{ token: '<|im_end|>', logprob: 0 }] },
            },
          ],
        },
      ]),
    )
    expect(plain(tokens)).toMatchObject({ responses: [[464, 69]], logprobs: [[0]] })
  })

  it('Q: knows choices by their index, though each has an id of its own, and takes the prompt of each', () => {
    const role = { role: 'assistant', content: '' }
    const tokens = extractReply(
      stream([
        { id: 'a', choices: [{ index: 0, delta: role }], prompt_token_ids: prompt },
        { id: 'b', choices: [{ index: 1, delta: role }], prompt_token_ids: prompt },
        { id: 'b', choices: [{ index: 1, delta: { content: 'x' }, token_ids: [7], finish_reason: 'stop' }] },
        { id: 'a', choices: [{ index: 0, delta: { content: 'y' }, token_ids: [8], finish_reason: 'stop' }] },
      ]),
    )
    expect(plain(tokens)).toMatchObject({ prompt, responses: [[8], [7]] })
    expect(tokens.choices[0]).not.toHaveProperty('promptTokenIds')
  })

  it('of SGLang /generate repeats its lists, unless it counts more than it brings', () => {
    const frame = (ids: number[], completion_tokens: number, finish_reason: unknown = null) => ({
      output_ids: ids,
      text: 'x',
      meta_info: { completion_tokens, finish_reason },
    })
    const cumulative = stream([frame([1], 1), frame([1, 2], 2), frame([1, 2, 3], 3, { type: 'stop' })])
    const deltas = stream([frame([1], 1), frame([2], 2), frame([3], 3, { type: 'stop' })])
    expect(plain(extractReply(cumulative)).responses).toEqual([[1, 2, 3]])
    expect(plain(extractReply(deltas)).responses).toEqual([[1, 2, 3]])
    expect(extractReply(deltas).finished).toBe(true)
  })

  it('of TGI brings a token at a time', () => {
    const frames = [
      {
        index: 1,
        token: { id: 40, text: 'Yes', logprob: -0.5, special: false },
        generated_text: null,
        details: null,
      },
      {
        index: 2,
        token: { id: 41, text: '.', logprob: -0.25, special: false },
        generated_text: 'Yes.',
        details: { finish_reason: 'length', generated_tokens: 2, input_length: 1 },
      },
    ]
    const tokens = extractReply(stream(frames, ''))
    expect(plain(tokens)).toMatchObject({ responses: [[40, 41]], logprobs: [[-0.5, -0.25]] })
    expect(tokens).toMatchObject({ finished: true, usage: { promptTokens: 1, completionTokens: 2 } })
    expect(extractReply(stream(frames.slice(0, 1), '')).finished).toBe(false)
  })

  it('that reports an error is not finished', () => {
    const chunk = { choices: [{ index: 0, delta: { content: 'x' }, token_ids: [1], finish_reason: null }] }
    const tokens = extractReply(stream([chunk, { error: { message: 'out of memory' } }]))
    expect(tokens).toMatchObject({ finished: false, problems: ['error: out of memory'] })
  })
})

describe('precedence', () => {
  it('the ids that a server gives as such come before those in logprobs', () => {
    const logprobs = { content: [{ id: 222, token: 'token_id:222', logprob: 0 }] }
    const tokens = extractParsed({ choices: [{ token_ids: [1, 2], logprobs }] })
    expect(plain(tokens).responses).toEqual([[1, 2]])
  })

  it('two sources that differ are a problem, a lossy one is not', () => {
    const both = { choices: [{ token_ids: [1, 2], response_token_ids: [1, 3] }] }
    expect(extractParsed(both).problems).toEqual([
      'choices[0]: choices[].token_ids and choices[].response_token_ids give different ids',
    ])
    const lossy = { choices: [{ token_ids: [1, 2], logprobs: { content: [{ id: 2, logprob: 0 }] } }] }
    expect(extractParsed(lossy).problems).toEqual([])
  })

  it('an unusable list leaves the place to the next shape', () => {
    const tokens = extractParsed({ choices: [{ token_ids: 'no', response_token_ids: [4] }] })
    expect(plain(tokens).responses).toEqual([[4]])
  })

  it('has every shape once, under a name of its own', () => {
    expect(new Set(shapes.map((shape) => shape.name)).size).toBe(shapes.length)
  })
})

describe('a value of the wrong type', () => {
  const problem = (body: unknown): readonly string[] => extractParsed(body).problems

  it('is named with its place', () => {
    expect(problem({ choices: [{}, { token_ids: '[40, 41]' }] })).toEqual([
      'choices[1].token_ids: expected integers, got a string',
    ])
    expect(problem({ choices: [{ token_ids: [40, -1] }] })).toEqual([
      'choices[0].token_ids[1]: expected an integer from 0 to 4294967295, got -1',
    ])
    expect(problem({ prompt_token_ids: [1.5] })[0]).toMatch(/^prompt_token_ids\[0\]: .* got 1.5$/)
    expect(problem({ prompt_token_ids: [2 ** 32] })[0]).toMatch(/got 4294967296$/)
    expect(problem({ prompt_token_ids: [true] })[0]).toMatch(/got a boolean$/)
    expect(problem({ choices: [{ token_ids: [null] }] })[0]).toMatch(/got null$/)
    expect(problem({ choices: [{ logprobs: { content: 'x' } }] })[0]).toMatch(
      /logprobs.content: expected numbers/,
    )
    expect(problem({ choices: [{ logprobs: { token_logprobs: ['x'] } }] })[0]).toMatch(
      /\[0\]: expected a number/,
    )
    expect(problem({ choices: {} })).toEqual(['choices: expected a list, got an object'])
    expect(problem({ choices: [3] })).toEqual(['choices[0]: expected an object, got 3'])
  })

  it('spoils the list of its choice, in a stream all of it, and of no other', () => {
    const tokens = extractReply(
      stream([
        {
          choices: [
            { index: 0, delta: {}, token_ids: [1] },
            { index: 1, delta: {}, token_ids: [2] },
          ],
        },
        { choices: [{ index: 0, delta: {}, token_ids: ['x'] }] },
        { choices: [{ index: 0, delta: {}, token_ids: [3] }] },
      ]),
    )
    expect(plain(tokens).responses).toEqual([undefined, [2]])
  })

  it('ids as large as 32 bits hold are kept', () => {
    expect(plain(extractParsed({ choices: [{ token_ids: [0, 2 ** 32 - 1] }] })).responses).toEqual([
      [0, 4294967295],
    ])
  })

  it('a logprob of null is unknown', () => {
    const tokens = extractParsed({ choices: [{ logprobs: { token_logprobs: [null, -1] } }] })
    expect(plain(tokens).logprobs).toEqual([[Number.NaN, -1]])
  })

  it('a nested list of one is taken for that one', () => {
    expect(plain(extractParsed({ choices: [{ token_ids: [[4, 5]] }] })).responses).toEqual([[4, 5]])
  })

  it('a body that is no reply says so', () => {
    expect(extractReply(Buffer.from('<html>'))).toMatchObject({
      finished: false,
      problems: ['body: neither JSON nor a stream'],
    })
    expect(extractReply(json(3)).problems).toEqual(['body: expected an object, got 3'])
    expect(extractReply(Buffer.alloc(0))).toEqual({ choices: [], shapes: [], finished: false, problems: [] })
  })

  it('and far too many choices are cut to what a server could give', () => {
    const many = Array.from({ length: 200_000 }, () => ({ index: 0, token_ids: [1] }))
    expect(
      extractParsed({ choices: many, response_token_ids: many.map(() => [1]) }).choices.length,
    ).toBeLessThan(70_000)
  })

  it('many problems are cut to a number that can be read', () => {
    const choices = Array.from({ length: 100 }, () => ({ token_ids: 'x' }))
    const found = problem({ choices })
    expect(found).toHaveLength(21)
    expect(found.at(-1)).toBe('and 80 more')
  })
})
