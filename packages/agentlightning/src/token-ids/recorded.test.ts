import { describe, expect, it } from 'vitest'
import { extractReply } from './extract.ts'
import { checkBreaks, checkCuts } from './fixtures/cuts.ts'
import { plain, type Recorded, recorded, reply } from './fixtures/replies.ts'

const hello = [358, 89, 464, 69, 502]
const helloPrompt = [501, 333, 198, 465, 78, 476, 381, 502, 198, 501, 355, 198]
const quick = [257, 331, 464, 69, 502]
const quickPrompt = [308, 322, 378, 301, 498]
const smile = [172, 253, 246, 222, 350, 464, 69, 502]
const tool = [506, 512, 507, 502]

/** Prompt and response ids of every choice; of a long prompt only the number. */
const expected: Readonly<
  Record<string, readonly [number[] | number | undefined, ...(number[] | undefined)[]]>
> = {
  'litellm-1.106.2/anth-chat-ids': [undefined, undefined],
  'litellm-1.106.2/hv-chat-ids': [helloPrompt, hello],
  'litellm-1.106.2/hv-chat-plain': [undefined, undefined],
  'litellm-1.106.2/hv-chat-stream-ids': [undefined, undefined],
  'litellm-1.106.2/hv-chat-stream-ids-logprobs': [undefined, [358, 89, 464, 69]],
  'litellm-1.106.2/hv-chat-stream-tool-ids': [undefined, [512]],
  'litellm-1.106.2/hv-completions-ids': [quickPrompt, quick],
  'litellm-1.106.2/oai-chat-ids': [helloPrompt, hello],
  'litellm-1.106.2/oai-chat-stream-ids': [undefined, undefined],
  'llama.cpp-7e4c0a9/chat': [undefined, undefined],
  'llama.cpp-7e4c0a9/chat-logprobs': [undefined, hello],
  'llama.cpp-7e4c0a9/chat-n2': [undefined, [388, 259, 470, 36, 292, 0, 213, 502], [358, 469, 502]],
  'llama.cpp-7e4c0a9/chat-smile-stream': [undefined, [222, 350, 464, 69]],
  'llama.cpp-7e4c0a9/chat-stream': [undefined, undefined],
  'llama.cpp-7e4c0a9/chat-stream-logprobs': [undefined, [358, 89, 464, 69]],
  'llama.cpp-7e4c0a9/chat-verbose-return_tokens': [undefined, hello],
  'llama.cpp-7e4c0a9/completions': [undefined, undefined],
  'llama.cpp-7e4c0a9/completions-stream': [undefined, quick],
  'llama.cpp-7e4c0a9/native-stream': [undefined, quick],
  'llama.cpp-7e4c0a9/native-tokens': [undefined, quick],
  'sglang-0.5.23/chat-ids': [helloPrompt, hello],
  'sglang-0.5.23/chat-noflag': [undefined, undefined],
  'sglang-0.5.23/chat-sglext': [helloPrompt, hello],
  'sglang-0.5.23/chat-stream': [undefined, undefined],
  'sglang-0.5.23/chat-stream-sglext': [helloPrompt, hello],
  'sglang-0.5.23/completions-ids': [quickPrompt, quick],
  'sglang-0.5.23/completions-stream-ids': [quickPrompt, quick],
  'sglang-0.5.23/generate': [undefined, quick],
  'vllm-0.32.0/chat-ids': [helloPrompt, hello],
  'vllm-0.32.0/chat-ids-logprobs': [helloPrompt, hello],
  'vllm-0.32.0/chat-ids-null': [undefined, undefined],
  'vllm-0.32.0/chat-ids-stop-mid-token': [helloPrompt, [358, 89, 464]],
  'vllm-0.32.0/chat-noflag': [undefined, undefined],
  'vllm-0.32.0/chat-smile-ids': [[...helloPrompt, 505], smile],
  'vllm-0.32.0/chat-smile-stream-ids': [[...helloPrompt, 505], smile],
  'vllm-0.32.0/chat-stream-ids': [helloPrompt, hello],
  'vllm-0.32.0/chat-stream-ids-logprobs': [helloPrompt, hello],
  'vllm-0.32.0/chat-stream-ids-stop-mid-token': [helloPrompt, [358, 89, 464]],
  'vllm-0.32.0/chat-stream-ids-usage': [helloPrompt, hello],
  'vllm-0.32.0/chat-stream-noflag': [undefined, undefined],
  'vllm-0.32.0/chat-tool-auto-ids': [175, tool],
  'vllm-0.32.0/chat-tool-auto-stream-ids': [175, tool],
  'vllm-0.32.0/completions-ids': [quickPrompt, quick],
  'vllm-0.32.0/completions-ids-echo': [quickPrompt, quick.slice(0, 4)],
  'vllm-0.32.0/completions-ids-logprobs': [quickPrompt, quick],
  'vllm-0.32.0/completions-noflag': [undefined, undefined],
  'vllm-0.32.0/completions-stream-ids': [quickPrompt, quick],
  'vllm-0.32.0/messages-plain': [undefined, undefined],
  'vllm-0.32.0/messages-stream': [undefined, undefined],
  'vllm-0.32.0/responses-plain': [undefined, undefined],
  'vllm-0.32.0/responses-raw': [helloPrompt, hello],
  'vllm-0.32.0/responses-raw-stream': [helloPrompt, hello],
}

const streams = recorded.filter((each) => each.streamed)
/** Every byte of a short stream; of a long one some, and all of them in `recorded.all.test.ts`. */
const stepOf = (body: Buffer): number => (body.length > 2500 ? 13 : 1)
const named = (each: Recorded): [string, Recorded] => [each.name, each]

describe('a recorded reply', () => {
  it.each(Object.entries(expected))('gives its ids: %s', (name, [prompt, ...responses]) => {
    const tokens = extractReply(reply(name).body)
    const found = plain(tokens)
    if (typeof prompt === 'number') expect(found.prompt).toHaveLength(prompt)
    else expect(found.prompt).toEqual(prompt)
    expect(found.responses).toEqual(responses)
    expect(tokens).toMatchObject({ finished: true, problems: [] })
    expect(tokens.choices.every((choice) => choice.finishReason !== undefined)).toBe(true)
    expect(tokens.shapes.length > 0).toBe(prompt !== undefined || responses.some((ids) => ids !== undefined))
  })

  it('of every kind is looked at', () => {
    const apart = /err-|422|n2|natural-stop|models|version|sglang-0.5.23.chat-stream-ids$/
    const rest = recorded.filter(({ name }) => !Object.hasOwn(expected, name) && !apart.test(name))
    expect(rest).toEqual([])
  })

  it.each(
    recorded
      .filter(({ name }) => /err-|422|models|version|sglang-0.5.23.chat-stream-ids$/.test(name))
      .map(named),
  )('that is no reply of a model gives nothing: %s', (_, { body }) => {
    expect(extractReply(body)).toMatchObject({ choices: [], shapes: [], finished: true })
  })

  it('says why when it is an error', () => {
    const { problems } = extractReply(reply('llama.cpp-7e4c0a9/err-too-long').body)
    expect(problems).toEqual([expect.stringContaining('error: request (15008 tokens) exceeds')])
  })

  it('gives as many ids, over all choices, as the server counts: vLLM and SGLang, plain', () => {
    const counted = recorded
      .filter(({ name, streamed }) => /^(vllm|sglang)/.test(name) && !streamed)
      .map(({ body }) => extractReply(body))
      .filter((tokens) => tokens.shapes.length > 0)
    expect(counted.length).toBeGreaterThan(12)
    for (const { choices, usage } of counted)
      expect(choices.reduce((sum, { responseTokenIds }) => sum + responseTokenIds!.length, 0)).toBe(
        usage?.completionTokens,
      )
  })

  it('gives every choice, streamed as plain', () => {
    const streamed = extractReply(reply('vllm-0.32.0/chat-stream-ids-n2').body)
    const whole = extractReply(reply('vllm-0.32.0/chat-ids-temp1-n2').body)
    expect(plain(streamed)).toEqual(plain(whole))
    expect(streamed.choices.map(({ index, responseTokenIds }) => [index, responseTokenIds?.length])).toEqual([
      [0, 5],
      [1, 24],
    ])
    const behindLitellm = extractReply(reply('litellm-1.106.2/hv-chat-n2').body)
    expect(plain(behindLitellm).responses.map((ids) => ids?.length)).toEqual([5, 20])
  })

  it('gives each choice its own prompt where there are several', () => {
    const { choices, promptTokenIds } = extractReply(reply('vllm-0.32.0/completions-ids-n2-two-prompts').body)
    expect(promptTokenIds).toBeUndefined()
    expect(choices.map((choice) => [...choice.promptTokenIds!])).toEqual([
      [64, 301],
      [64, 301],
      [465, 78],
      [465, 78],
    ])
    expect([...choices[2]!.responseTokenIds!]).toEqual([23, 55, 478])
  })

  it('gives one logprob per id, also with echo, where the list begins with those of the prompt', () => {
    const withLogprobs = /logprobs$|echo$|n2$|smile|tool-auto|natural/
    for (const { name, body } of recorded) {
      if (!withLogprobs.test(name) || /stream|two-prompts/.test(name)) continue
      for (const { responseTokenIds, logprobs } of extractReply(body).choices)
        expect(logprobs?.length, name).toBe(responseTokenIds?.length)
    }
    const echo = extractReply(reply('vllm-0.32.0/completions-ids-echo').body).choices[0]
    expect([...echo!.logprobs!].map((value) => value.toFixed(2))).toEqual([
      '-1.96',
      '-1.68',
      '-0.47',
      '-2.11',
    ])
  })

  it('tells id, model, usage, and the version of the weights', () => {
    expect(extractReply(reply('sglang-0.5.23/generate').body)).toMatchObject({
      responseId: '49ad6d576c654079b394da328c8baa8b',
      usage: { promptTokens: 5, completionTokens: 5, cachedTokens: 1 },
      weightVersion: 'default',
      choices: [{ finishReason: 'stop' }],
    })
    expect(extractReply(reply('vllm-0.32.0/messages-stream').body)).toMatchObject({
      responseId: 'chatcmpl-9e4c32d1e25374bf',
      model: 'tiny',
      usage: { promptTokens: 12, completionTokens: 5 },
      choices: [{ index: 0, finishReason: 'end_turn' }],
    })
  })
})

describe('a recorded stream', () => {
  it.each(streams.map(named))('reads the same, cut at any byte: %s', (_, { body }) => {
    checkCuts(body, stepOf(body))
  })

  it.each(streams.map(named))('that breaks off is not finished, and gives a beginning: %s', (_, { body }) => {
    checkBreaks(body, stepOf(body))
  })

  it.each(streams.map(named))(
    'reads the same with other line ends, comments and a BOM: %s',
    (_, { body }) => {
      const whole = extractReply(body)
      const text = body.toString()
      for (const variant of [text.replaceAll('\n', '\r\n'), text.replaceAll('\n', '\r'), `\ufeff${text}`])
        expect(extractReply(Buffer.from(variant))).toEqual(whole)
      expect(
        extractReply(Buffer.from(`: open\n\n${text.replaceAll('\n\n', '\n\n: still here\n\n')}`)),
      ).toEqual(whole)
    },
  )

  it('without an end marker is finished when the transport says so, and every choice ended', () => {
    const text = reply('vllm-0.32.0/chat-stream-ids').body.toString().replace('data: [DONE]', '')
    expect(extractReply(Buffer.from(text)).finished).toBe(false)
    expect(extractReply(Buffer.from(text), { ended: true }).finished).toBe(true)
    const half = Buffer.from(text.slice(0, text.indexOf('"finish_reason":"stop"') - 200))
    expect(extractReply(half, { ended: true }).finished).toBe(false)
  })
})

describe('a plain reply that breaks off', () => {
  it('is not finished, at whichever byte', () => {
    const { body } = reply('vllm-0.32.0/chat-ids')
    for (let end = 0; end < body.length; end++) {
      const tokens = extractReply(body.subarray(0, end))
      expect(tokens.finished).toBe(false)
      expect(tokens.choices).toEqual([])
    }
  })
})
