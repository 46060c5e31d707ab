// OpenTelemetry's JavaScript SDK refuses the newest attribute of a span that has 128: the ids of a long trajectory,
// written by who comes last.
import { context, trace } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  instrumentAgentOps,
  uninstrumentAgentOps,
} from '../../packages/agentlightning/src/instrumentation/index.ts'
import { events, registerSdk, type Sdk, startTold, type Told } from './spans.ts'

let told: Told
let sdk: Sdk

beforeAll(async () => {
  told = await startTold()
})

afterAll(() => told.close())

afterEach(async () => {
  uninstrumentAgentOps()
  await sdk.remove()
})

/** An instrumentation as they are: about eight attributes a turn and three a tool, all before the call. */
async function instrumented(turns: number, streamed: boolean): Promise<void> {
  const span = trace.getTracer('an.instrumentation').startSpan('chat m', {
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' },
  })
  for (let tool = 0; tool < 4; tool++)
    for (const name of ['name', 'description', 'parameters'])
      span.setAttribute(`gen_ai.request.functions.${tool}.${name}`, 'text')
  for (let turn = 0; turn < turns; turn++)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
      span.setAttribute(`gen_ai.prompt.${turn}.${name}`, 'text')
  await context.with(trace.setSpan(context.active(), span), async () => {
    const body = JSON.stringify({ model: 'm', messages: [], stream: streamed })
    const response = await fetch(`${told.url}/chat/completions`, { method: 'POST', body })
    await response.text()
  })
  span.setAttribute('gen_ai.response.id', 'c-1')
  span.setAttribute('gen_ai.completion.0.content', 'Yes.')
  span.end()
}

const plain = { body: '{"id":"c-1","prompt_token_ids":[11,12],"choices":[{"index":0,"token_ids":[40,41]}]}' }
const stream = events([
  { id: 'c-1', prompt_token_ids: [11, 12], choices: [{ index: 0, delta: {} }] },
  { id: 'c-1', choices: [{ index: 0, delta: { content: 'x' }, token_ids: [40, 41], finish_reason: 'stop' }] },
])
const cases = [13, 15, 20].flatMap((turns) => [
  [turns, 'plain', plain] as const,
  [turns, 'streamed', stream] as const,
])
const ids = { prompt_token_ids: [11, 12], response_token_ids: [40, 41], 'gen_ai.response.id': 'c-1' }

describe('a span with the attributes of many tool turns', () => {
  it.each(cases)('%i turns, %s: keeps its ids and all messages', async (turns, kind, answer) => {
    instrumentAgentOps({ findLoaded: false })
    sdk = registerSdk()
    told.answers = [answer]
    await instrumented(turns, kind === 'streamed')
    const [span, ...others] = sdk.spans()
    expect(others).toEqual([])
    expect(span?.attributes).toMatchObject(ids)
    expect(span?.droppedAttributesCount).toBe(0)
    expect(span?.attributes['gen_ai.completion.0.content']).toBe('Yes.')
  })

  it.each(cases)(
    '%i turns, %s: keeps its ids on a provider that was there first',
    async (turns, kind, answer) => {
      sdk = registerSdk({ spanLimits: { attributeCountLimit: 128 } })
      instrumentAgentOps({ findLoaded: false })
      told.answers = [answer]
      await instrumented(turns, kind === 'streamed')
      expect(sdk.spans()[0]?.attributes).toMatchObject(ids)
    },
  )

  it('keeps its ids on a provider with a limit that someone chose, which goes on counting for the rest', async () => {
    sdk = registerSdk({ spanLimits: { attributeCountLimit: 10 } })
    instrumentAgentOps({ findLoaded: false })
    told.answers = [plain]
    await instrumented(3, false)
    const [span] = sdk.spans()
    expect(span?.attributes).toMatchObject(ids)
    expect(span?.attributes['gen_ai.completion.0.content']).toBeUndefined()
  })

  it('without the hooks loses what comes last, which is what they are for', async () => {
    sdk = registerSdk({ spanLimits: { attributeCountLimit: 128 } })
    told.answers = [plain]
    await instrumented(20, false)
    expect(sdk.spans()[0]?.attributes['gen_ai.response.id']).toBeUndefined()
  })
})
