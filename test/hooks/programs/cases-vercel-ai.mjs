// The AI SDK with its OpenTelemetry integration.
import { createOpenAI } from '@ai-sdk/openai'
import { OpenTelemetry } from '@ai-sdk/otel'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { generateText, Output, registerTelemetry, streamText, tool } from 'ai'
import { z } from 'zod'

const { hooksByCall, see, seeTogether } = await import(process.env.AGL_TEST_CASES)
const takeOut = await hooksByCall()
const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
registerTelemetry(new OpenTelemetry({}))
const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, apiKey: 'local' })
const tools = { get_weather: tool({ description: 'w', inputSchema: z.object({}) }) }
const ask = (name, more) => ({
  model: openai.chat('m'),
  prompt: `case ${name}`,
  maxRetries: 0,
  onError() {},
  ...more,
})

async function streamed(name, more) {
  let text = ''
  for await (const part of streamText(ask(name, more)).fullStream) {
    if (part.type === 'error') throw part.error
    if (part.type === 'text-delta') text += part.text
  }
  return text
}

const plain = async (name) => (await generateText(ask(name))).text
await see('plain', plain)
await see('stream', (name) => streamed(name))
await see('raw', async (name) => {
  const { response } = await generateText(ask(name))
  return [response.modelId, response.body?.choices?.length]
})
await see('tools', async (name) => {
  const { toolCalls } = await generateText(ask(name, { tools }))
  return toolCalls.map((call) => call.toolName)
})
await see('tools-stream', (name) => streamed(name, { tools }))
await see('parse', async (name) => {
  const output = Output.object({ schema: z.object({ answer: z.number() }) })
  return (await generateText(ask(name, { output }))).output
})
await see('error', async (name) => (await generateText(ask(name, { model: openai.chat('status-500') }))).text)
await see('error-stream', (name) => streamed(name, { model: openai.chat('status-429') }))
await seeTogether([plain, streamed, plain])
if (takeOut) {
  takeOut()
  await see('after', plain)
}
await provider.shutdown()
