// The AI SDK with its OpenTelemetry integration: the ids go on its spans.
import { createOpenAI } from '@ai-sdk/openai'
import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { generateText, registerTelemetry, streamText } from 'ai'

const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
registerTelemetry(
  process.env.AGL_TEST_VARIANT === 'legacy' ? new LegacyOpenTelemetry() : new OpenTelemetry({}),
)
const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, apiKey: 'local' })
const told = await generateText({
  model: openai.chat('vllm-0.32.0/chat-ids'),
  prompt: 'hello world',
  maxRetries: 0,
})
console.log(`plain: ${told.text}`)
const streamed = streamText({
  model: openai.chat('vllm-0.32.0/chat-stream-ids'),
  prompt: 'hello world',
  maxRetries: 0,
})
let text = ''
for await (const piece of streamed.textStream) text += piece
console.log(`streamed: ${text}`)
await provider.shutdown()
