// The JavaScript hooks in real programs: the ids that a server has stored are those that the model server sent.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extractReply } from '../../packages/agentlightning/src/token-ids/extract.ts'
import { root, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { nodeEnvironment, placeProgram } from '../support/node-client.ts'
import { exportTrace, listTraces, settled } from '../support/read-traces.ts'
import { type RecordedModel, startRecordedModel } from '../support/recorded-model.ts'
import { type Ended, runProgram } from '../support/run-program.ts'

const programs = join(root, 'test', 'hooks', 'programs')
const home = join(root, 'packages', 'agentlightning')
// As the servers of a test run: the bundle or the sources.
const built = process.env.AGL_DIST !== undefined
const entry = join(home, built ? 'dist/register.js' : 'src/instrumentation/register.ts')
const register = `--import=${pathToFileURL(entry).href}`
const conditions = built ? [] : ['--conditions=agl-source']

interface Value {
  readonly stringValue?: string
  readonly intValue?: string
  readonly arrayValue?: { readonly values?: readonly Value[] }
}

/** A stored span: its name and attributes. */
interface Stored {
  readonly name: string
  readonly attributes: ReadonlyMap<string, Value>
}

let server: TestServer
let model: RecordedModel

beforeAll(async () => {
  server = await startServer({ args: ['--store', 'sqlite'] })
  model = await startRecordedModel()
})

afterAll(async () => {
  await model?.close()
  await server?.stop()
})

function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = root,
): Promise<Ended> {
  return runProgram(process.execPath, [...conditions, ...args, program], {
    cwd,
    env: {
      PATH: process.env.PATH,
      AGL_TEST_RUN: process.env.AGL_TEST_RUN,
      AGL_TEST_SCENARIO: pathToFileURL(join(root, 'test', 'hooks', 'scenario.ts')).href,
      AGL_SERVER_URL: server.url,
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: model.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
      ...env,
    },
    timeoutMs: 100_000,
  })
}

/** Runs a program and gives what the model server sent meanwhile and the spans that are stored of it. */
async function recorded(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = root,
): Promise<{ ended: Ended; sent: RecordedModel['sent']; spans: Stored[] }> {
  const before = model.sent.length
  const known = new Set((await listTraces(server)).map(({ traceId }) => traceId))
  const ended = await run(program, args, env, cwd)
  expect(ended.code, ended.stderr).toBe(0)
  await settled(server)
  const traces = (await listTraces(server)).filter(({ traceId }) => !known.has(traceId))
  const spans = await Promise.all(traces.map(({ traceId }) => exportTrace(server, traceId)))
  return { ended, sent: model.sent.slice(before), spans: spans.flat().map(({ span }) => stored(span)) }
}

function stored(span: object): Stored {
  const { name, attributes = [] } = span as { name: string; attributes?: { key: string; value: Value }[] }
  return { name, attributes: new Map(attributes.map(({ key, value }) => [key, value])) }
}

function idsOf(value: Value | undefined): number[] | undefined {
  return value?.arrayValue && (value.arrayValue.values ?? []).map(({ intValue }) => Number(intValue))
}

/** Every reply with ids has exactly one span with them, and they are the same. Gives the names of the spans. */
function expectSameIds(sent: RecordedModel['sent'], spans: readonly Stored[]): string[] {
  const whole = sent.filter(({ status }) => status === 200)
  expect(whole.length).toBeGreaterThan(0)
  return whole.map(({ id, body, asked }) => {
    const tokens = extractReply(Buffer.from(body))
    const found = spans.filter(({ attributes }) => attributes.get('gen_ai.response.id')?.stringValue === id)
    expect(found, `${id}, ${asked.model}`).toHaveLength(1)
    const [span] = found as [Stored]
    const prompt = tokens.promptTokenIds ?? tokens.choices[0]?.promptTokenIds
    expect(idsOf(span.attributes.get('prompt_token_ids')), asked.model).toEqual(prompt && [...prompt])
    for (const { index, responseTokenIds } of tokens.choices) {
      const key = index === 0 ? 'response_token_ids' : `response_token_ids.${index}`
      expect(idsOf(span.attributes.get(key)), `${asked.model} ${key}`).toEqual(
        responseTokenIds && [...responseTokenIds],
      )
    }
    return span.name
  })
}

/** What the program reads the first chunk of only. */
const stopped = 'vllm-0.32.0/chat-stream-ids-usage'

describe('a program with the OpenAI SDK and OpenTelemetry', () => {
  it.each([
    ['by node --import', [register], {}],
    ['by call', [], { AGL_TEST_BY_CALL: '1' }],
  ])('stores the ids that were sent, %s', async (_, args, env) => {
    const { sent, spans, ended } = await recorded(join(programs, 'openai.ts'), args, env)
    const whole = sent.filter(({ asked }) => asked.model !== stopped)
    expect(whole.length).toBeGreaterThan(30)
    expectSameIds(whole, spans)
    const responses = whole.filter(({ asked }) => asked.model.includes('/responses-raw'))
    const counts = responses.map(({ body }) => extractReply(Buffer.from(body)).promptTokenIds?.length)
    expect(counts).toEqual([12, 12])
    expect(ended.stderr).toBe('')
    const refused = sent.filter(({ status }) => status === 400 || status === 422)
    // Asked once for each kind of reply, then never again.
    expect(refused.map(({ asked }) => [asked.model.split('/')[0], asked.stream === true])).toEqual([
      ['sglang-0.5.23', true],
      ['transformers-serve-5.19.0', false],
    ])
    const failed = spans.filter(
      ({ attributes }) => attributes.get('gen_ai.request.model')?.stringValue === 'status-429',
    )
    expect(failed).toHaveLength(1)
  })

  it('keeps the beginning of the ids of a stream that the program leaves', async () => {
    const { sent, spans } = await recorded(join(programs, 'openai.ts'), [register])
    const id = sent.find(({ asked }) => asked.model === stopped)?.id
    const span = spans.find(({ attributes }) => attributes.get('gen_ai.response.id')?.stringValue === id)
    expect(idsOf(span?.attributes.get('prompt_token_ids'))).toHaveLength(12)
    // How much came with the first chunk is not the program's to say: all of it is the response, less its beginning.
    const all = [358, 89, 464, 69, 502]
    const whole = idsOf(span?.attributes.get('response_token_ids'))
    const begun = idsOf(span?.attributes.get('partial_response_token_ids'))
    expect([whole, begun]).toContain(undefined)
    expect(whole ?? begun).toEqual(whole ? all : all.slice(0, begun?.length))
  })

  it('sees the same with hooks and without', async () => {
    const without = await recorded(join(programs, 'openai.ts'), [])
    const hooked = await recorded(join(programs, 'openai.ts'), [register])
    expect(hooked.ended.stdout).toBe(without.ended.stdout)
    expect(without.ended.stdout.split('\n').length).toBeGreaterThan(30)
    expect(without.sent.some(({ asked }) => asked.return_token_ids !== undefined)).toBe(false)
    expect(without.spans).toEqual([])
  })

  it('asks no server for ids when told not to', async () => {
    const { sent, spans } = await recorded(join(programs, 'openai.ts'), [register], {
      AGL_HOOKS_REQUEST_FLAG: '0',
    })
    expect(sent.filter(({ asked }) => asked.return_token_ids !== undefined)).toEqual([])
    const whole = sent.filter(({ status }) => status === 200)
    expect(whole.map(({ id }) => id).toSorted()).toEqual(
      spans.flatMap(({ attributes }) => attributes.get('gen_ai.response.id')?.stringValue ?? []).toSorted(),
    )
  })
})

/** The packages of a client test, and a program of ours in their folder. */
async function programIn(target: string, program: string): Promise<string | undefined> {
  const folder = await requireMeans(target, () => nodeEnvironment(target))
  if (folder) placeProgram(join(programs, program), join(folder, `hooks-${program}`))
  return folder
}

for (const [target, span] of [
  ['openinference', 'OpenAI Chat Completions'],
  ['openllmetry', 'chat vllm-0.32.0/chat-ids'],
] as const) {
  const folder = await programIn(target, `${target}.mjs`)
  describe.runIf(folder)(`a program with ${target}`, () => {
    it('has the ids on the spans of the instrumentation, and no others', async () => {
      const { sent, spans } = await recorded(`hooks-${target}.mjs`, [register], {}, folder)
      const names = expectSameIds(sent, spans)
      expect(names[0]).toBe(span)
      expect(spans).toHaveLength(sent.length)
      expect(spans.filter(({ name }) => name.startsWith('openai.'))).toEqual([])
    })
  })
}

const aiSdk = await programIn('vercel-ai', 'vercel-ai.mjs')

describe.runIf(aiSdk)('a program with the AI SDK', () => {
  it.each(['current', 'legacy'])('has the ids on its spans, %s names', async (variant) => {
    const env = { AGL_TEST_VARIANT: variant }
    const { sent, spans, ended } = await recorded('hooks-vercel-ai.mjs', [register], env, aiSdk)
    const names = expectSameIds(sent, spans)
    expect(names.filter((name) => name.startsWith('openai.'))).toEqual([])
    expect(ended.stdout).toBe('plain: dez twof\nstreamed: dez twof\n')
  })
})

const agentops = await programIn('agentops-0.1.0', 'agentops.mjs')

describe.runIf(agentops)('a program with the AgentOps SDK', () => {
  it('has the ids of an agent on its span, those of a plain call on one of ours, and reaches the local server', async () => {
    const { sent, spans, ended } = await recorded('hooks-agentops.mjs', [register], {}, agentops)
    expect(ended.stdout).toContain('agent: dez twof')
    expect(expectSameIds(sent, spans)).toEqual(['Generation', 'openai.chat.completion'])
    expect(ended.stderr).toContain(`the AgentOps SDK sends to ${server.url}`)
  })

  it('has the ids of an agent on a span of ours where the SDK does not find the agent framework', async () => {
    const program = join(agentops as string, 'hooks-agentops.mjs')
    const { sent, spans } = await recorded(program, [register], {}, tempDir())
    expect(expectSameIds(sent, spans)).toEqual(['openai.chat.completion', 'openai.chat.completion'])
  })
})
