// Every known form of a reply, and each with null in place of its lists, through the hooks: from a real server over
// `fetch` onto a real span.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  instrumentAgentOps,
  uninstrumentAgentOps,
} from '../../packages/agentlightning/src/instrumentation/index.ts'
import {
  byEra,
  byServer,
  hello,
  prompt,
} from '../../packages/agentlightning/src/token-ids/fixtures/goldens.ts'
import { type Answer, events, registerSdk, type Sdk, startTold, type Told } from './spans.ts'

let told: Told
let sdk: Sdk

beforeAll(async () => {
  sdk = registerSdk()
  told = await startTold()
  instrumentAgentOps({ findLoaded: false })
})

beforeEach(() => sdk.exporter.reset())

afterAll(async () => {
  uninstrumentAgentOps()
  await told.close()
  await sdk.remove()
})

/** Makes a call as a program does and gives the attributes of its span, and the text of the reply. */
async function call(answer: Answer): Promise<{ attributes: Record<string, unknown>; text: string }> {
  told.answers = [answer]
  const body = JSON.stringify({ model: 'm', messages: [], logprobs: true })
  const response = await fetch(`${told.url}/chat/completions`, { method: 'POST', body })
  const text = await response.text()
  const [span, ...others] = sdk.spans()
  expect(others).toEqual([])
  return { attributes: span?.attributes ?? {}, text }
}

function idsOn(attributes: Record<string, unknown>, choices: number): unknown[] {
  return Array.from({ length: choices }, (_, index) =>
    index === 0 ? attributes.response_token_ids : attributes[`response_token_ids.${index}`],
  )
}

/** Null in place of every list but those of replies, frames and choices. */
function nulled(value: unknown, key = 'choices'): unknown {
  if (Array.isArray(value)) return key === 'choices' ? value.map((item) => nulled(item, '')) : null
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, nulled(member, name)]))
}

const goldens = Object.entries({ ...byEra, ...byServer })

describe('the hooks on every form of a reply', () => {
  it.each(goldens)('%s', async (_, [body, wantedPrompt, responses]) => {
    const sent = JSON.stringify(body)
    const { attributes, text } = await call({ body: sent })
    expect(text).toBe(sent)
    expect(attributes.prompt_token_ids).toEqual(wantedPrompt)
    expect(idsOn(attributes, responses.length)).toEqual(responses)
  })

  it.each(goldens)('with null in place of every list there are no ids: %s', async (_, [body]) => {
    const whole = typeof body === 'string' ? JSON.parse(body) : body
    const { attributes } = await call({ body: JSON.stringify(nulled(whole)) })
    const names = Object.keys(attributes).filter((name) => /token_ids|^logprobs/.test(name))
    expect(names).toEqual([])
  })

  it('7: logprobs are kept as the server gives them', async () => {
    const content = [{ token: 'Ja', logprob: -0.25, bytes: [74, 97], top_logprobs: [] }]
    const refusal = [{ token: 'No', logprob: -1 }]
    const { attributes } = await call({
      body: JSON.stringify({ choices: [{ logprobs: { content, refusal } }] }),
    })
    expect(attributes['logprobs.content']).toBe(JSON.stringify(content))
    expect(attributes['logprobs.refusal']).toBe(JSON.stringify(refusal))
  })
})

describe('the hooks on streams', () => {
  const role = (index: number) => ({
    id: 'c-1',
    choices: [{ index, delta: { role: 'assistant', content: '' } }],
    prompt_token_ids: prompt,
  })
  const ids = (index: number, token_ids: number[], finish_reason: string | null = null) => ({
    id: 'c-1',
    choices: [{ index, delta: { content: 'x' }, token_ids, finish_reason }],
  })

  it.each([
    ['B: vLLM', [role(0), ids(0, [40]), ids(0, [41], 'stop')], prompt, [[40, 41]]],
    [
      'Q: vLLM, two choices',
      [role(0), role(1), ids(1, [50]), ids(0, [40]), ids(1, [51], 'stop'), ids(0, [41], 'stop')],
      prompt,
      [
        [40, 41],
        [50, 51],
      ],
    ],
    ['P: LiteLLM, two ids in a chunk', [ids(0, [464, 69]), ids(0, [], 'stop')], undefined, [[464, 69]]],
    [
      'M: SGLang, an event of its own',
      [
        { choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] },
        { choices: [], usage: null, sglext: { input_ids: prompt, output_ids: [hello] } },
      ],
      prompt,
      [hello],
    ],
  ])('%s', async (_, frames, wantedPrompt, responses) => {
    const { attributes } = await call(events(frames))
    expect(attributes.prompt_token_ids).toEqual(wantedPrompt)
    expect(idsOn(attributes, responses.length)).toEqual(responses)
  })

  it('gathers logprobs from the chunks', async () => {
    const chunk = (token: string) => ({
      id: 'c-1',
      choices: [{ index: 0, delta: { content: token }, logprobs: { content: [{ token, logprob: -0.5 }] } }],
    })
    const { attributes } = await call(events([chunk('a'), chunk('b')]))
    expect(JSON.parse(String(attributes['logprobs.content']))).toEqual([
      { token: 'a', logprob: -0.5 },
      { token: 'b', logprob: -0.5 },
    ])
  })
})
