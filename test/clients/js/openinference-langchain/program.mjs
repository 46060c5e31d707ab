// OpenInference's instrumentation of LangChain for JavaScript.
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain'
import * as callbackManagers from '@langchain/core/callbacks/manager'
import { ChatOpenAI } from '@langchain/openai'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'

const { spanWitness, watch } = await import(`${process.env.AGL_TEST_MODULES}/witness.ts`)
watch()
const provider = new BasicTracerProvider({
  spanProcessors: [spanWitness, new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(callbackManagers)

const configuration = { baseURL: process.env.OPENAI_BASE_URL }
const chat = (more) => new ChatOpenAI({ model: 'echo-1', maxRetries: 0, configuration, ...more })
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const weather = { type: 'function', function: { name: 'weather', parameters } }

async function drain(stream) {
  let chunks = 0
  for await (const _ of stream) chunks++
  console.log('chunks:', chunks)
}

const plain = await chat().invoke('What is the answer? 漢字 🚀')
console.log('plain:', plain.content)
await drain(await chat().stream('Say it slowly, häßlich'))
const called = await chat().bindTools([weather]).invoke('Is it warm?')
console.log('called:', called.tool_calls[0].name)
await chat({ n: 2 }).invoke('Twice, please')
const responses = chat({ useResponsesApi: true })
console.log('responses:', (await responses.invoke('Asked through responses')).content[0].text)
await drain(await responses.stream('Streamed through responses'))
await provider.shutdown()
