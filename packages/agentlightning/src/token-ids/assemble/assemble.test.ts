import { describe, expect, it } from 'vitest'
import { json, recorded, reply, stream } from '../fixtures/replies.ts'
import { assembleReply } from './index.ts'

const hello = { index: 0, message: { role: 'assistant', content: 'dez twof' }, finishReason: 'stop' }
const quick = { index: 0, text: 'he answ twof', finishReason: 'stop' }
const weather = {
  type: 'function',
  function: { name: 'get_weather', arguments: '{"city": "Paris", "unit": "celsius"}' },
}

describe('the messages of a recorded reply', () => {
  const chats = recorded.filter(({ name }) =>
    /chat(-stream|-ids|-noflag|-sglext|-plain|-logprobs|-verbose)/.test(name),
  )
  const same = chats.filter(
    ({ name }) => !/n2|natural|smile|stop-mid|tool|422|sglang-0.5.23.chat-stream-ids$/.test(name),
  )

  it.each(same.map(({ name, body }) => [name, body] as const))(
    'are the same, plain and streamed: %s',
    (_, body) => {
      expect(assembleReply(body).choices).toEqual([hello])
    },
  )

  it('of completions are texts', () => {
    const names = recorded.map(({ name }) => name).filter((name) => /\/completions/.test(name))
    const usual = names.filter((name) => !/n2|echo/.test(name))
    expect(usual.length).toBeGreaterThan(7)
    for (const name of usual) expect(assembleReply(reply(name).body).choices, name).toEqual([quick])
    expect(assembleReply(reply('vllm-0.32.0/completions-ids-n2-two-prompts').body).choices).toHaveLength(4)
  })

  it('of the servers’ own routes are texts', () => {
    expect(assembleReply(reply('sglang-0.5.23/generate').body).choices).toEqual([quick])
    for (const name of ['native-stream', 'native-tokens'])
      expect(assembleReply(reply(`llama.cpp-7e4c0a9/${name}`).body).choices).toEqual([
        { ...quick, finishReason: 'eos' },
      ])
  })

  it.each(['messages-plain', 'messages-stream'])('of Anthropic’s API: %s', (name) => {
    const { choices } = assembleReply(reply(`vllm-0.32.0/${name}`).body)
    expect(choices).toEqual([{ ...hello, finishReason: 'end_turn' }])
  })

  it.each(['responses-plain', 'responses-raw', 'responses-raw-stream'])(
    'of the Responses API: %s',
    (name) => {
      const { choices } = assembleReply(reply(`vllm-0.32.0/${name}`).body)
      expect(choices).toEqual([{ ...hello, finishReason: 'completed' }])
    },
  )

  it.each(['chat-tool-auto-ids', 'chat-tool-auto-stream-ids'])('with a tool call: %s', (name) => {
    const [choice] = assembleReply(reply(`vllm-0.32.0/${name}`).body).choices
    expect(choice).toMatchObject({
      finishReason: 'tool_calls',
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [{ ...weather, id: expect.stringMatching(/^chatcmpl-tool/) }],
      },
    })
    expect(choice?.message?.tool_calls).toHaveLength(1)
  })

  it('with a tool call behind LiteLLM', () => {
    const [choice] = assembleReply(reply('litellm-1.106.2/hv-chat-stream-tool-ids').body).choices
    expect(choice?.message?.tool_calls).toMatchObject([weather])
  })

  it('of two choices are two, streamed as plain', () => {
    const streamed = assembleReply(reply('vllm-0.32.0/chat-stream-ids-n2').body)
    expect(streamed).toEqual(assembleReply(reply('vllm-0.32.0/chat-ids-temp1-n2').body))
    expect(streamed.choices.map(({ index }) => index)).toEqual([0, 1])
  })

  it('of an error are none', () => {
    for (const { name, body } of recorded)
      if (/err-|422/.test(name)) expect(assembleReply(body).choices, name).toEqual([])
  })

  it('of a stream that broke off are its beginning', () => {
    const { body } = reply('vllm-0.32.0/chat-stream-ids')
    const [choice] = assembleReply(body.subarray(0, body.indexOf(' two') + 20)).choices
    expect(choice).toEqual({ index: 0, message: { role: 'assistant', content: 'dez' } })
  })
})

describe('the messages of a stream', () => {
  it('keep reasoning and refusal apart from the content', () => {
    const delta = (piece: object, finish_reason: string | null = null) => ({
      choices: [{ index: 0, delta: piece, finish_reason }],
    })
    const { choices } = assembleReply(
      stream([
        delta({ role: 'assistant', reasoning_content: 'let me ' }),
        delta({ reasoning_content: 'see' }),
        delta({ content: 'Yes' }),
        delta({ refusal: 'No' }, 'stop'),
      ]),
    )
    expect(choices[0]?.message).toEqual({
      role: 'assistant',
      content: 'Yes',
      reasoning: 'let me see',
      refusal: 'No',
    })
  })

  it('keep tool calls apart by number, or else by id', () => {
    const chunk = (call: object) => ({ choices: [{ index: 0, delta: { tool_calls: [call] } }] })
    const numbered = [
      chunk({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
      chunk({ index: 1, id: 'b', function: { name: 'g', arguments: '{' } }),
      chunk({ index: 0, function: { arguments: '{"x":1}' } }),
      chunk({ index: 1, function: { arguments: '}' } }),
    ]
    const byId = [
      chunk({ id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      chunk({ function: { arguments: ':1}' } }),
      chunk({ id: 'b', function: { name: 'g', arguments: '{}' } }),
    ]
    for (const frames of [numbered, byId])
      expect(assembleReply(stream(frames)).choices[0]?.message?.tool_calls).toEqual([
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ])
  })

  it('of Anthropic’s API: thinking and tools, streamed as plain', () => {
    const message = { type: 'message', role: 'assistant', content: [], stop_reason: null }
    const block = (index: number, content_block: object, delta: object) => [
      { type: 'content_block_start', index, content_block },
      { type: 'content_block_delta', index, delta },
      { type: 'content_block_stop', index },
    ]
    const frames = [
      { type: 'message_start', message },
      ...block(0, { type: 'thinking', thinking: '' }, { type: 'thinking_delta', thinking: 'hm' }),
      ...block(1, { type: 'text', text: '' }, { type: 'text_delta', text: 'I look.' }),
      ...block(
        2,
        { type: 'tool_use', id: 't', name: 'f', input: {} },
        { type: 'input_json_delta', partial_json: '{"x":1}' },
      ),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ]
    const plain = {
      ...message,
      stop_reason: 'tool_use',
      content: [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 't', name: 'f', input: { x: 1 } },
      ],
    }
    const expected = {
      index: 0,
      finishReason: 'tool_use',
      message: {
        role: 'assistant',
        content: 'I look.',
        reasoning: 'hm',
        tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
      },
    }
    expect(assembleReply(stream(frames, '')).choices).toEqual([expected])
    expect(assembleReply(json(plain)).choices).toEqual([expected])
  })

  it('of the Responses API that broke off come from its deltas', () => {
    const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '' }
    const frames = [
      { type: 'response.created', response: { object: 'response', status: 'in_progress', output: [] } },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'hm' },
      { type: 'response.output_text.delta', output_index: 1, delta: 'Yes' },
      { type: 'response.output_item.added', output_index: 2, item: call },
      { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{}' },
    ]
    expect(assembleReply(stream(frames, '')).choices[0]?.message).toEqual({
      role: 'assistant',
      content: 'Yes',
      reasoning: 'hm',
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    })
  })

  it('of TGI and SGLang are their texts', () => {
    const tgi = [
      { token: { id: 1, text: 'Yes', special: false }, generated_text: null },
      {
        token: { id: 2, text: '</s>', special: true },
        generated_text: 'Yes',
        details: { finish_reason: 'eos_token' },
      },
    ]
    expect(assembleReply(stream(tgi, '')).choices).toEqual([
      { index: 0, text: 'Yes', finishReason: 'eos_token' },
    ])
    expect(assembleReply(stream(tgi.slice(0, 1), '')).choices).toEqual([{ index: 0, text: 'Yes' }])
    const sglang = ['Y', 'Yes'].map((text) => ({ text, output_ids: [1], meta_info: { finish_reason: null } }))
    expect(assembleReply(stream(sglang)).choices).toEqual([{ index: 0, text: 'Yes' }])
  })
})
