// The AgentOps SDK for JavaScript: an agent run, and the client of OpenAI beside it.
// Streamed runs of this version of the agents break at the chunk with the usage: with hooks and without.
import { createRequire } from 'node:module'

const { hooksByCall, openaiCases, see } = await import(process.env.AGL_TEST_CASES)
await hooksByCall()
const require = createRequire(import.meta.url)
const { agentops } = require('agentops')
const url = process.env.AGL_SERVER_URL
await agentops.init({
  apiKey: '11111111-2222-4333-8444-555555555555',
  apiEndpoint: url,
  otlpEndpoint: url,
})
const { Agent, run, setOpenAIAPI, setTracingExportApiKey } = require('@openai/agents')
setOpenAIAPI('chat_completions')
// Without a key it keeps what it would send to its vendor.
setTracingExportApiKey('')
const agent = new Agent({ name: 'Ada', instructions: 'You are brief.', model: 'm' })
await see('agent', async (name) => (await run(agent, `case ${name}`)).finalOutput)
const OpenAI = require('openai').default
const client = new OpenAI({ maxRetries: 0 })
await openaiCases(client)
// The hooks stay: the span of the agent run is made when its batch goes out.
// No `agentops.shutdown()`: after an agent run it loses the spans of the agent. They go out when nothing is left to do.
