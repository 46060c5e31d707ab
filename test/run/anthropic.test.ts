// The Anthropic SDK under `agl run`: ANTHROPIC_BASE_URL leads through the gateway to what it named before.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recording, type StandIn, startStandIn } from '../gateway/stand-in.ts'
import { startServer, type TestServer } from '../support/agl.ts'
import { agl, callsOf, programFolder, summaryOf } from './support.ts'

let server: TestServer
let model: StandIn

beforeAll(async () => {
  ;[server, model] = await Promise.all([startServer(), startStandIn()])
})
afterAll(async () => {
  await server.stop()
  await model.close()
})

const program = `import Anthropic from ${JSON.stringify(import.meta.resolve('@anthropic-ai/sdk'))}
const client = new Anthropic({ apiKey: 'local', maxRetries: 0 })
const asked = { model: 'm', max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] }
const plain = await client.messages.create(asked)
const streamed = await client.messages.stream(asked).finalMessage()
console.log(JSON.stringify([plain.content[0], streamed.content[0]].map(({ text }) => text)))
`

test('plain and streamed calls are answered as without it, recorded as its run’s, and judged', async () => {
  const cwd = programFolder({ 'agent.mjs': program })
  const env = { ANTHROPIC_BASE_URL: model.url.replace(/\/v1$/, '') }
  const args = ['--json', '--rollout', 'r-1', '--data-dir', server.dataDir]
  const ended = await agl([...args, '--', process.execPath, 'agent.mjs'], { cwd, env })
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  const { content } = JSON.parse(recording('vllm-0.32.0', 'messages-plain.response.json')) as {
    content: { text: string }[]
  }
  const [plain, streamed] = JSON.parse(ended.stdout) as string[]
  expect(plain).toBe(content[0]?.text)
  expect(streamed).toBeTruthy()
  const summary = summaryOf(ended)
  expect(summary.recorded).toMatchObject({ calls: 2, errors: 0 })
  const calls = await callsOf(server.dataDir)
  expect(calls).toHaveLength(2)
  for (const call of calls)
    expect(call).toMatchObject({
      run: summary.run,
      rollout: 'r-1',
      dialect: 'messages',
      verdict: 'ids.backend_cannot',
    })
  expect(new Set(calls.map(({ stream }) => stream))).toEqual(new Set([false, true]))
})
