// Hooks and gateway at once: one call, its ids recorded by both, and the same.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../gateway/stand-in.ts'
import { root, startServer, type TestServer } from '../support/agl.ts'
import { getJson, settled } from '../support/read-traces.ts'
import { runProgram } from '../support/run-program.ts'

interface Call {
  readonly id: string
  readonly traceId: string
  readonly spanId: string
  readonly source: string
  readonly verdict: string
  readonly promptIds?: number
  readonly responseIds?: number
}

let upstream: StandIn
let server: TestServer

beforeAll(async () => {
  upstream = await startStandIn()
  server = await startServer({ args: ['--upstream', `tiny=${upstream.url}/v1`] })
})

afterAll(async () => {
  await server?.stop()
  await upstream?.close()
})

it('a call through both is one call with all of its ids, asked for once', async () => {
  const hooks = join(root, 'packages', 'agentlightning', 'src', 'instrumentation', 'register.ts')
  const program = join(root, 'test', 'hooks', 'programs', 'two-calls.ts')
  const args = ['--conditions=agl-source', `--import=${pathToFileURL(hooks).href}`, program]
  const ended = await runProgram(process.execPath, args, {
    env: {
      PATH: process.env.PATH,
      AGL_TEST_RUN: process.env.AGL_TEST_RUN,
      AGL_SERVER_URL: server.url,
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: `${server.url}/gateway/v1`,
      OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
    },
  })
  expect(ended.code, ended.stderr).toBe(0)
  expect(ended.stdout).toBe('dez twof\ndez twof\n')
  for (const { body } of upstream.seen) expect(body.match(/return_token_ids/g)).toHaveLength(1)
  await settled(server)
  const { calls } = await getJson<{ calls: Call[] }>(server, '/api/v1/calls')
  expect(calls.map(({ verdict }) => verdict)).toEqual(['ids.complete', 'ids.complete'])
  expect(calls.map(({ promptIds, responseIds }) => [promptIds, responseIds])).toEqual([
    [12, 5],
    [12, 5],
  ])
})
