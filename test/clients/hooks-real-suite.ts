// Hooks, gateway and both, with unchanged programs and a real model server behind a proxy that keeps what it sent:
// each call is there once, joined to the span of the program's SDK, with the ids that the server sent.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallSummary } from '../../packages/agentlightning/src/store/calls.ts'
import { agl, callsOf } from '../run/support.ts'
import { type Finished, root, runAgl, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { nodeEnvironment, placeProgram } from '../support/node-client.ts'
import { pythonEnvironment } from '../support/python.ts'
import { settled } from '../support/read-traces.ts'
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts'
import type { Service } from '../support/service.ts'
import { readWitness } from './client-run.ts'
import { type Reply, replyIn } from './real-reply.ts'

/** A kind of real model server. */
export interface RealServer {
  readonly name: 'llama.cpp' | 'vllm'
  /** Absent where its means are missing. */
  readonly start: (() => Promise<Service>) | undefined
  /** Longest wait until it answers, ms. */
  readonly startMs: number
}

/** A program that is run under `agl run`. */
interface Program {
  readonly name: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** It has no spans but those that the hooks make. */
  readonly bare?: boolean
  /** Response ids of the spans that ended in it, where it notes them. */
  readonly recorded?: () => ReadonlySet<string>
}

/** A line of an export. */
interface Exported {
  readonly id: string
  readonly response_id: string | null
  readonly prompt_token_ids: number[] | null
  readonly choices: readonly { readonly index: number; readonly response_token_ids: number[] | null }[]
  readonly verdict: string
}

const ways = {
  'hooks alone': ['--no-gateway'],
  'the gateway alone': ['--no-hooks'],
  'hooks and gateway': [],
} as const
type Way = keyof typeof ways

const targets = ['agentops-0.4.13', 'agentops-0.4.16', 'agentops-0.4.21', 'agentops-0.4.21-otel-1.45']
/** Without the hooks it exports no span. */
const broken = 'agentops-0.4.21-otel-1.45'

/** Declares the tests of a server: every program, every way. */
export async function describeReal(server: RealServer): Promise<void> {
  const found = await requireMeans('hooks with a real server', () =>
    Promise.all([...targets.map(pythonProgram), nodeProgram(), openinferenceProgram()]),
  )
  describe.runIf(found && server.start)(`with ${server.name}`, () => {
    let upstream: Service
    beforeAll(async () => {
      upstream = await (server.start as NonNullable<typeof server.start>)()
    }, server.startMs)
    afterAll(() => upstream?.stop())
    for (const program of found ?? [])
      for (const way of Object.keys(ways) as Way[])
        describe(`${program().name}, ${way}`, () => describeWay(server.name, program, way, () => upstream))
  })
}

function describeWay(
  backend: RealServer['name'],
  make: () => Program,
  way: Way,
  upstream: () => Service,
): void {
  const program = make()
  let server: TestServer
  let proxy: RecordingProxy
  let ended: Finished
  let calls: CallSummary[]
  let lines: Exported[]
  let sent: readonly Reply[]

  beforeAll(async () => {
    server = await startServer()
    proxy = await startRecordingProxy(upstream())
    ended = await run(program, way, server, proxy)
    await settled(server)
    calls = await callsOf(server.dataDir)
    lines = await exported(server)
    sent = proxy.passed.map(replyIn)
  }, 120_000)

  afterAll(async () => {
    await proxy?.close()
    await server?.stop()
  })

  const ofReply = ({ id }: Reply): CallSummary[] => calls.filter(({ responseId }) => responseId === id)
  const lineOf = ({ id }: CallSummary): Exported => lines.find((line) => line.id === id) as Exported

  it('every call is there once', () => {
    expect(ended.code, ended.stderr).toBe(0)
    const recorded = sent.filter((reply) => isRecorded(reply, program, way))
    const succeeded = recorded.filter(({ status }) => status === 200)
    expect(succeeded.length).toBeGreaterThanOrEqual(5)
    for (const reply of succeeded) expect(ofReply(reply), reply.asked).toHaveLength(1)
    const replied = new Set(succeeded.flatMap(ofReply))
    const others = calls.filter((call) => !replied.has(call))
    expect(others.map(({ verdict }) => verdict)).toEqual(others.map(() => 'call.failed'))
    expect(others).toHaveLength(recorded.length - succeeded.length)
    expect(lines.map(({ id }) => id).toSorted()).toEqual(calls.map(({ id }) => id).toSorted())
  })

  it('its ids are those that the server sent, for every choice', () => {
    for (const reply of sent) {
      for (const call of ofReply(reply)) {
        const { prompt_token_ids: prompt, choices } = lineOf(call)
        if (isAfter(reply) && way === 'hooks alone') continue
        const byIndex = choices.toSorted((one, other) => one.index - other.index)
        const got = byIndex.map(({ response_token_ids: ids }) => ids)
        expect([prompt, got.some(Boolean) ? got : []], reply.asked).toEqual([reply.prompt, reply.responses])
      }
    }
    const withIds = sent.filter(({ responses }) => responses.length > 0)
    if (backend === 'vllm' || way !== 'hooks alone') expect(withIds.length).toBeGreaterThanOrEqual(3)
    const unasked = way === 'hooks alone' ? sent.filter(isAfter) : []
    const succeeded = sent.filter(({ status }) => status === 200)
    if (backend === 'vllm') expect(withIds).toHaveLength(succeeded.length - unasked.length)
  })

  it('its verdict is right, in lists and in exports', () => {
    for (const reply of sent)
      for (const call of ofReply(reply)) {
        const wanted = verdictOn(reply, backend, way)
        expect(lineOf(call).verdict, reply.asked).toBe(wanted)
        expect(call.verdict, reply.asked).toBe(wanted)
      }
    expect(calls.filter(({ verdict }) => verdict === 'ids.conflict')).toEqual([])
  })

  it('it is joined to the span of the program', () => {
    const named = program.recorded?.()
    const exports = !program.bare && program.name !== broken
    for (const reply of sent.filter(({ status }) => status === 200)) {
      const { id, asked } = reply
      const source = ofReply(reply)[0]?.source
      if (way === 'hooks alone') expect([undefined, 'span'], asked).toContain(source)
      else if (way === 'hooks and gateway' && !isAfter(reply)) expect(source, asked).toBe('both')
      else if (!exports) expect(source, asked).toBe('gateway')
      else if (named?.has(id)) expect(source, asked).toBe('both')
    }
    if (named) expect(named.size).toBeGreaterThan(10)
    const failed = calls.filter(({ verdict }) => verdict === 'call.failed')
    if (way === 'hooks and gateway') expect(failed.filter(({ source }) => source !== 'both')).toEqual([])
  })
}

/** The last call of the Python program, made when it has taken the hooks out. */
function isAfter({ asked }: Reply): boolean {
  return asked === 'case after'
}

/** What a server is to know of. */
function isRecorded(reply: Reply, program: Program, way: Way): boolean {
  const { name, bare } = program
  if (way !== 'hooks alone') return true
  return !isAfter(reply) || !(bare || name === broken)
}

function verdictOn(reply: Reply, backend: RealServer['name'], way: Way): string {
  const { asked } = reply
  if (way === 'hooks alone') {
    if (isAfter(reply)) return 'ids.not_on_span'
    if (backend === 'vllm') return 'ids.complete'
    if (reply.lossy) return reply.whole ? 'ids.no_prompt' : 'ids.lossy'
    return asked === 'case parse-cut' ? 'call.failed' : 'ids.not_on_span'
  }
  if (backend === 'vllm') return 'ids.complete'
  if (reply.streamed) return 'ids.stream_without_ids'
  return reply.choices > 1 ? 'ids.flag_not_sent' : 'ids.no_prompt'
}

function run(program: Program, way: Way, server: TestServer, proxy: RecordingProxy): Promise<Finished> {
  const args = ['--json', '--data-dir', server.dataDir, ...ways[way], '--', ...program.command]
  return agl(args, {
    cwd: program.cwd ?? tempDir(),
    env: { OPENAI_API_KEY: 'local', OPENAI_BASE_URL: `${proxy.url}/v1`, ...program.env },
  })
}

async function exported({ dataDir }: TestServer): Promise<Exported[]> {
  const { stdout, stderr, code } = await runAgl(['calls', 'export', '-', '--data-dir', dataDir])
  expect(code, stderr).toBe(0)
  const lines = stdout.split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as Exported)
}

async function pythonProgram(target: string): Promise<() => Program> {
  const { python, program, shared } = await pythonEnvironment(target)
  return () => {
    const witness = join(tempDir(), 'witness.jsonl')
    return {
      name: target,
      command: [python, join(program, '..', '..', 'hooks', 'program.py')],
      env: {
        PYTHONPATH: shared,
        PYTHONIOENCODING: 'utf-8',
        PYTHONDONTWRITEBYTECODE: '1',
        AGL_TEST_WITNESS: witness,
        AGL_TEST_REQUEST: JSON.stringify({ model: 'tiny', max_tokens: 24 }),
        AGL_TEST_REFUSED: JSON.stringify({ temperature: 'hot' }),
      },
      recorded() {
        const attributes = readWitness(witness).spans.flatMap(({ span }) => span.attributes ?? [])
        const named = attributes.filter(({ key }) => key === 'gen_ai.response.id')
        return new Set(named.map(({ value }) => value?.stringValue ?? ''))
      },
    }
  }
}

async function nodeProgram(): Promise<() => Program> {
  const file = join(root, 'test', 'hooks', 'programs', 'real-model.ts')
  const command = [process.execPath, '--conditions=agl-source', file]
  return () => ({ name: 'the OpenAI SDK for JavaScript', command, env: {}, bare: true })
}

async function openinferenceProgram(): Promise<() => Program> {
  const cwd = await nodeEnvironment('openinference')
  const file = 'hooks-real-openinference.mjs'
  placeProgram(join(root, 'test', 'hooks', 'programs', 'openinference.mjs'), join(cwd, file))
  const scenario = pathToFileURL(join(root, 'test', 'hooks', 'scenario.ts')).href
  const env = { AGL_TEST_SCENARIO: scenario, AGL_TEST_MODELS: 'tiny,tiny' }
  const command = [process.execPath, file]
  return () => ({ name: 'OpenInference for JavaScript', command, cwd, env })
}
