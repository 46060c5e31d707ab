// Streams that nobody read to their end: their ids are not to be taken for those of the whole response.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  instrumentAgentOps,
  uninstrumentAgentOps,
} from '../../packages/agentlightning/src/instrumentation/index.ts'
import { type Answer, events, registerSdk, type Sdk, startTold, type Told } from './spans.ts'

let told: Told
let sdk: Sdk

beforeAll(async () => {
  told = await startTold()
})
beforeEach(() => {
  sdk = registerSdk()
  instrumentAgentOps({ findLoaded: false })
})
afterEach(async () => {
  uninstrumentAgentOps()
  await sdk.remove()
})
afterAll(() => told.close())

/** A stream of these frames whose connection breaks behind them. */
const breaking = (...frames: object[]): Answer => ({ ...events(frames, ''), breaks: true })

/** Asks for a stream of `n` choices. */
function post(n = 1): Promise<Response> {
  const body = JSON.stringify({ model: 'm', stream: true, n })
  return fetch(`${told.url}/chat/completions`, { method: 'POST', body })
}

/** Reads a stream that breaks off, piece by piece. */
async function readBroken(n?: number): Promise<void> {
  const response = await post(n)
  const read = async (): Promise<void> => {
    for await (const piece of response.body ?? []) expect(piece).toBeInstanceOf(Uint8Array)
  }
  await expect(read()).rejects.toThrow('terminated')
}

/** The lists of ids on a span. */
function idLists(span: number): Record<string, unknown> {
  const attributes = Object.entries(sdk.spans()[span]?.attributes ?? {})
  return Object.fromEntries(attributes.filter(([key]) => key.includes('token_ids')))
}

it('a stream that breaks off fails for the program, and what came is kept under a name of its own', async () => {
  told.answers = [
    breaking({ id: 'c-1', prompt_token_ids: [11], choices: [{ index: 0, delta: {}, token_ids: [40] }] }),
  ]
  await readBroken()
  await expect((await post()).text()).rejects.toThrow('terminated')
  expect(idLists(0)).toEqual({ prompt_token_ids: [11], partial_response_token_ids: [40] })
})

it.each([
  ['one that had not ended', [undefined], 1, 'partial_response_token_ids'],
  ['two, of which one had', ['stop', undefined], 2, 'partial_response_token_ids'],
  ['one that had, of two that were asked for', ['stop'], 2, 'partial_response_token_ids'],
  ['one that had', ['stop'], 1, 'response_token_ids'],
  ['two that had', ['stop', 'length'], 2, 'response_token_ids'],
] as const)('a stream that breaks off after its choices ended is whole: %s', async (_, reasons, n, name) => {
  const pieces = [[40], [41]].map((token_ids, at) => ({
    id: 'c-1',
    prompt_token_ids: at === 0 ? [11] : undefined,
    choices: reasons.map((reason, index) => ({
      index,
      token_ids,
      finish_reason: at === 1 ? reason : null,
    })),
  }))
  told.answers = [breaking(...pieces)]
  await readBroken(n)
  const responses = reasons.map((_, index) => [index === 0 ? name : `${name}.${index}`, [40, 41]])
  expect(idLists(0)).toEqual({ prompt_token_ids: [11], ...Object.fromEntries(responses) })
})

it('a stream that breaks off before its first id has the name of such ids without any', async () => {
  const role = { id: 'c-1', choices: [{ index: 0, delta: { role: 'assistant' } }] }
  told.answers = [breaking({ ...role, prompt_token_ids: [11] }), breaking(role)]
  for (const _ of ['with ids of the prompt', 'without any']) await readBroken()
  expect(idLists(0)).toEqual({ prompt_token_ids: [11], partial_response_token_ids: [] })
  expect(idLists(1)).toEqual({})
})

it('a stream of SGLang that breaks off between its finish reason and its ids has not given them', async () => {
  const message = 'return_token_ids is not supported with streaming on /v1/chat/completions.'
  const refusal: Answer = { status: 400, body: JSON.stringify({ object: 'error', message }) }
  const content = { id: 'c-1', choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] }
  const ids = { id: 'c-1', choices: [], sglext: { input_ids: [11], output_ids: [[40, 41]] } }
  told.answers = [refusal, breaking(content), breaking(content, ids)]
  for (const _ of ['without', 'with ids']) await readBroken()
  expect(idLists(0)).toEqual({ partial_response_token_ids: [] })
  expect(idLists(1)).toEqual({ prompt_token_ids: [11], response_token_ids: [40, 41] })
})
