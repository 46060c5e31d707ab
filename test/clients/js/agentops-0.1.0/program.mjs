// The AgentOps JS SDK as a user's program has it: spans of one's own, and an agent run of @openai/agents.
import { createRequire } from 'node:module'

// Nothing but loopback is reached: the agent framework sends its own traces to its vendor otherwise.
const { fetch } = globalThis
globalThis.fetch = (input, options) => {
  const { hostname } = new URL(input.url ?? input)
  if (hostname === '127.0.0.1' || hostname === 'localhost') return fetch(input, options)
  console.log(`kept from ${hostname}`)
  return Promise.reject(new Error('Network is unreachable'))
}

const require = createRequire(import.meta.url)
const { agentops } = require('agentops')
const url = process.env.AGL_TEST_URL
await agentops.init({ apiKey: '11111111-2222-4333-8444-555555555555', apiEndpoint: url, otlpEndpoint: url })

const { trace, SpanStatusCode } = require('@opentelemetry/api')
const tracer = trace.getTracer('program')
tracer.startActiveSpan(
  'outer',
  { attributes: { text: 'häßlich 漢字 🚀', count: 3, ratio: 0.5, list: ['a', 'b'] } },
  (outer) => {
    tracer.startActiveSpan('inner', (inner) => {
      inner.addEvent('halfway', { at: 1 })
      inner.recordException(new Error('no luck'))
      inner.setStatus({ code: SpanStatusCode.ERROR, message: 'no luck' })
      inner.end()
    })
    outer.end()
  },
)

const { Agent, run, setOpenAIAPI } = require('@openai/agents')
setOpenAIAPI('chat_completions')
const agent = new Agent({ name: 'Ada', instructions: 'You are brief.', model: 'echo-1' })
const result = await run(agent, 'How is the weather in Zürich? 漢字 🚀')
console.log('answer:', result.finalOutput)

// No `agentops.shutdown()`: after an agent run it loses the spans of the agent. They go out when nothing is left to do.
