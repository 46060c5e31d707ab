// What the JavaScript hooks must show with a client and its recorder, for one shape of model server: by hooks alone, by
// the gateway alone and with both, each call is there once, with the ids that were sent, and the program sees the same.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallSummary } from '../../packages/agentlightning/src/store/calls.ts'
import { callsOf } from '../run/support.ts'
import { root, startServer, type TestServer } from '../support/agl.ts'
import { type JsHooks, jsHooks } from '../support/js-hooks.ts'
import { requireMeans } from '../support/means.ts'
import { nodeEnvironment, placeProgram } from '../support/node-client.ts'
import { type Ended, runProgram } from '../support/run-program.ts'
import { type Sent, type Shape, startTokenServer, type TokenServer } from '../support/token-server.ts'
import { type Exported, expectSentIds, exportedCalls } from './exported-calls.ts'
import { expectIds } from './hooks-python-suite.ts'
import type { WholeSpan } from './otlp.ts'
import { readBack } from './read-back.ts'

/** What is particular to a client. */
export interface JsTarget {
  /** Folder of its lock file. */
  readonly name: string
  /** Its program in `test/hooks/programs`. */
  readonly program: string
  /** Calls that end well. */
  readonly cases: readonly string[]
  /** Another Node than that of the tests, and hooks that it can read. */
  readonly on?: { readonly name: string; readonly node: string; readonly hooks: JsHooks }
  /** Default: all. */
  readonly shapes?: readonly Shape[]
  /** Lines that its libraries write to standard error. */
  readonly says?: RegExp
  /** The program does not take the hooks out. */
  readonly stays?: true
  /** Names of the spans that hold the ids. */
  readonly span: RegExp
}

/** The calls of `test/hooks/cases.mjs` that end well. */
export const openaiCases = [
  ...['plain', 'stream', 'raw', 'raw-stream', 'with-response', 'n', 'n-stream', 'tools', 'tools-stream'],
  ...['parse', 'helper', 'logprobs', 'together-a', 'together-b', 'together-c', 'together-d'],
]

interface Way {
  readonly name: string
  readonly hooks?: 'import' | 'call'
  readonly gateway?: true
}

const ways: readonly Way[] = [
  { name: 'hooks by node --import', hooks: 'import' },
  { name: 'hooks by call', hooks: 'call' },
  { name: 'the gateway alone', gateway: true },
  { name: 'hooks and gateway', hooks: 'import', gateway: true },
]
const failing = ['error', 'error-stream']

/** What a run left. */
interface Recorded {
  readonly ended: Ended
  readonly sent: readonly Sent[]
  readonly spans: readonly WholeSpan[]
  readonly calls: readonly CallSummary[]
  readonly lines: readonly Exported[]
}

/** Declares the tests of one client, for all shapes. */
export async function describeJsHooks(target: JsTarget): Promise<void> {
  const folder = await requireMeans(target.name, () => nodeEnvironment(target.name))
  if (folder) placeProgram(join(root, 'test', 'hooks', 'programs', target.program), programIn(folder, target))
  const on = target.on ? ` on ${target.on.name}` : ''
  for (const shape of target.shapes ?? (['vllm', 'litellm', 'sglang'] as const))
    describe.runIf(folder)(`the JavaScript hooks with ${target.name}${on} and a server as ${shape}`, () => {
      describeShape(target, shape, folder as string)
    })
}

function programIn(folder: string, { program }: JsTarget): string {
  return join(folder, `hooks-${program}`)
}

function describeShape(target: JsTarget, shape: Shape, folder: string): void {
  const seen = new Map<string, Map<string, unknown>>()
  let server: TestServer
  let model: TokenServer

  beforeAll(async () => {
    model = await startTokenServer(shape)
    server = await startServer({ args: ['--upstream', model.url] })
  })

  afterAll(async () => {
    await server?.stop()
    await model?.close()
  })

  describe.each(ways)('$name', (way) => {
    let got: Recorded
    beforeAll(async () => {
      const before = { sent: model.sent.length, calls: new Set((await callsOf(server.dataDir)).map(idOf)) }
      const ended = await run(target, folder, way, server, model)
      seen.set(way.name, seenBy(ended))
      const { spans } = await readBack(server.url)
      const calls = (await callsOf(server.dataDir)).filter((call) => !before.calls.has(call.id))
      got = {
        ended,
        sent: model.sent.slice(before.sent),
        spans,
        calls,
        lines: await exportedCalls(server.dataDir),
      }
    }, 150_000)

    it('every call is there once', () => {
      expect(got.ended.code, got.ended.stderr).toBe(0)
      const recorded = got.sent.filter(({ asked }) => asked !== 'case after')
      expect(recorded.map(({ asked }) => asked).toSorted()).toEqual(
        target.cases.map((name) => `case ${name}`).toSorted(),
      )
      for (const { id, asked } of recorded)
        expect(
          got.calls.filter(({ responseId }) => responseId === id),
          asked,
        ).toHaveLength(1)
      expect(got.calls.filter(({ verdict }) => verdict === 'ids.conflict')).toEqual([])
    })

    it('a failed call is there once, as one', () => {
      const replied = new Set(got.sent.map(({ id }) => id))
      const others = got.calls.filter(({ responseId }) => !replied.has(responseId ?? ''))
      const failed = others.filter(({ verdict }) => verdict === 'call.failed')
      expect(failed).toHaveLength(failing.length)
      expect(others.map(({ verdict, source }) => [verdict, source])).toHaveLength(failing.length)
    })

    it('its ids are those that were sent, exactly', () => {
      for (const sent of got.sent.filter(({ asked }) => asked !== 'case after'))
        expectSentIds(got.lines, sent)
    })

    if (!way.gateway)
      it('they are on the span of the call, and on no other', () => {
        for (const sent of got.sent) {
          if (sent.asked === 'case after') continue
          expectIds(got.spans, sent)
          const names = got.spans.filter((span) => hasId(span, sent.id)).map(({ span }) => span.name)
          expect(names.join(), sent.asked).toMatch(target.span)
        }
      })

    it('nothing is said', () => {
      const lines = got.ended.stderr.split('\n').filter(Boolean)
      expect(lines.filter((line) => !target.says?.test(line))).toEqual([])
    })

    if (way.hooks === 'call' && !target.stays)
      it('when the hooks are out nothing is asked for and no span is made by them', () => {
        const [after, ...others] = got.sent.filter(({ asked }) => asked === 'case after')
        expect(others).toEqual([])
        expect(after?.wanted.return_token_ids).toBeUndefined()
        const spans = got.spans.filter((span) => hasId(span, after?.id ?? ''))
        expect(spans.filter(({ scope }) => scope?.name === 'agentlightning')).toEqual([])
      })
  })

  it('the program sees the same with hooks and without', () => {
    const bare = seen.get('the gateway alone')
    expect([...(bare?.keys() ?? [])].toSorted()).toEqual([...target.cases, ...failing].toSorted())
    for (const { name } of ways) {
      const own = new Map(seen.get(name))
      own.delete('after')
      expect([...own].toSorted(), name).toEqual([...(bare ?? [])].toSorted())
    }
  })

  if (shape === 'sglang')
    it('a flag that is refused is sent once by each run, and then asked for in the other way', () => {
      const hooked = ways.filter(({ hooks, gateway }) => hooks && !gateway)
      expect(model.refused).toHaveLength(hooked.length)
    })
}

function idOf({ id }: { readonly id: string }): string {
  return id
}

function run(
  target: JsTarget,
  folder: string,
  way: Way,
  server: TestServer,
  model: TokenServer,
): Promise<Ended> {
  const hooks = target.on?.hooks ?? jsHooks()
  const before = way.hooks === 'import' ? [`--import=${hooks.register}`] : []
  return runProgram(
    target.on?.node ?? process.execPath,
    [...hooks.conditions, ...before, programIn(folder, target)],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        AGL_TEST_RUN: process.env.AGL_TEST_RUN,
        AGL_TEST_CASES: pathToFileURL(join(root, 'test', 'hooks', 'cases.mjs')).href,
        ...(way.hooks === 'call' ? { AGL_TEST_BY_CALL: hooks.instrumentation } : {}),
        AGL_SERVER_URL: server.url,
        OPENAI_API_KEY: 'local',
        OPENAI_BASE_URL: way.gateway ? `${server.url}/gateway/v1` : model.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
      },
      timeoutMs: 100_000,
    },
  )
}

function hasId({ span }: WholeSpan, id: string): boolean {
  const attributes = span.attributes ?? []
  return attributes.some(({ key, value }) => key === 'gen_ai.response.id' && value?.stringValue === id)
}

function seenBy({ stdout }: Ended): Map<string, unknown> {
  const lines = stdout.split('\n').filter((line) => line.startsWith('SEEN '))
  return new Map(lines.map((line) => JSON.parse(line.slice('SEEN '.length)) as [string, unknown]))
}
