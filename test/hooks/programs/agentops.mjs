// The AgentOps SDK for JavaScript as it comes: an agent run, whose span it makes after the call, and a plain call.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { agentops } = require('agentops')
await agentops.init({ apiKey: '11111111-2222-4333-8444-555555555555' })
const { Agent, run, setOpenAIAPI } = require('@openai/agents')
setOpenAIAPI('chat_completions')
const agent = new Agent({ name: 'Ada', instructions: 'You are brief.', model: 'vllm-0.32.0/chat-ids' })
console.log(`agent: ${(await run(agent, 'hello world')).finalOutput}`)
const OpenAI = require('openai').default
const messages = [{ role: 'user', content: 'hello world' }]
const told = await new OpenAI().chat.completions.create({ model: 'vllm-0.32.0/chat-ids', messages })
console.log(`plain: ${told.choices[0].message.content}`)
