// Vercel's AI SDK with its OpenTelemetry integration: the names in force, and those that versions 4 to 6 wrote.
import { createOpenAI } from '@ai-sdk/openai'
import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import {
  embed,
  embedMany,
  generateObject,
  generateText,
  Output,
  registerTelemetry,
  stepCountIs,
  streamText,
  ToolLoopAgent,
  tool,
} from 'ai'
import { z } from 'zod'

const shared = process.env.AGL_TEST_MODULES
const { spanWitness, watch } = await import(`${shared}/witness.ts`)
watch()
const Exporter = process.env.AGL_TEST_ENCODING === 'json' ? JsonExporter : ProtobufExporter
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'vercel-ai' }),
  spanProcessors: [spanWitness, new BatchSpanProcessor(new Exporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const everything = { usage: true, embedding: true, runtimeContext: true, toolChoice: true, schema: true }
const legacy = process.env.AGL_TEST_VARIANT === 'legacy'
registerTelemetry(legacy ? new LegacyOpenTelemetry() : new OpenTelemetry(everything))

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, apiKey: 'local' })
const own = (functionId) => ({
  maxRetries: 0,
  runtimeContext: { sessionId: 'session-1', userId: 'ada', tags: ['trip', 'ü'] },
  telemetry: { functionId, includeRuntimeContext: { sessionId: true, userId: true, tags: true } },
})
const weather = tool({
  description: 'Looks out of the window.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, degrees: 21 }),
})
const broken = tool({
  description: 'Never works.',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => {
    throw new Error('as planned')
  },
})

const planned = await generateText({
  ...own('planner'),
  model: openai.chat('echo-1'),
  instructions: 'You are brief.',
  prompt: 'How is the weather in Zürich?',
  tools: { weather },
  stopWhen: stepCountIs(3),
  temperature: 0.5,
  seed: 7,
})
console.log('planned:', planned.text, planned.steps.length)

const streamed = streamText({
  ...own('streamed'),
  model: openai.chat('deep-1'),
  prompt: 'Say it slowly, häßlich 漢字 🚀',
})
let parts = 0
for await (const _ of streamed.textStream) parts++
console.log('streamed:', parts)

const failed = await generateText({
  ...own('failing tool'),
  model: openai.chat('echo-1'),
  prompt: 'Break it',
  tools: { broken },
  stopWhen: stepCountIs(2),
})
console.log('tool failed:', failed.steps.length)

const picture = { type: 'file', mediaType: 'image/png', data: new Uint8Array(48) }
const seen = await generateText({
  ...own('parts'),
  model: openai.chat('echo-1'),
  messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, picture] }],
})
console.log('seen:', seen.text.length > 0)

const schema = z.object({ city: z.string(), degrees: z.number() })
const object = await generateObject({
  ...own('object'),
  model: openai.chat('echo-1'),
  schema,
  prompt: 'Report',
})
console.log('object:', object.object.degrees)
const output = await generateText({
  ...own('output'),
  model: openai('echo-1'),
  output: Output.object({ schema }),
  prompt: 'Report through responses',
})
console.log('output:', output.output.degrees)

const agent = new ToolLoopAgent({
  ...own('Ada'),
  model: openai('echo-1'),
  instructions: 'You are brief.',
  tools: { weather },
})
const told = await agent.generate({ prompt: 'Is it warm?' })
console.log('agent:', told.steps.length)

await embed({ ...own('embed'), model: openai.embedding('embed-1'), value: 'one text' })
const many = await embedMany({
  ...own('embed many'),
  model: openai.embedding('embed-1'),
  values: ['one text', 'another text here'],
})
console.log('embedded:', many.embeddings.length)
await generateText({ ...own('refused'), model: openai.chat('status-500'), prompt: 'hello?' }).catch((error) =>
  console.log('refused:', error.statusCode),
)
const stream = streamText({
  ...own('refused'),
  model: openai.chat('status-500'),
  prompt: 'hello?',
  onError() {},
})
await stream.consumeStream()

trace
  .getTracer('program')
  .startSpan('by hand', { attributes: { 'gen_ai.usage.cost': 0.5, 'gen_ai.operation.name': 'chat' } })
  .end()
await provider.shutdown()
