// LangChain: it brings the client of OpenAI and makes no spans.
import { ChatOpenAI } from '@langchain/openai'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { z } from 'zod'

const { hooksByCall, see, seeTogether } = await import(process.env.AGL_TEST_CASES)
const takeOut = await hooksByCall()
const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const chat = (more) => new ChatOpenAI({ model: 'm', maxRetries: 0, ...more })
const messages = (name) => [{ role: 'user', content: `case ${name}` }]
const weather = {
  type: 'function',
  function: { name: 'get_weather', description: 'w', parameters: { type: 'object' } },
}

async function streamed(name, model = chat()) {
  let text = ''
  for await (const chunk of await model.stream(messages(name))) text += chunk.content
  return text
}

const plain = async (name) => (await chat().invoke(messages(name))).content
await see('plain', plain)
await see('stream', (name) => streamed(name))
await see('raw', async (name) => {
  const { additional_kwargs } = await chat({ __includeRawResponse: true }).invoke(messages(name))
  return additional_kwargs.__raw_response.choices[0].message.content
})
await see('n', async (name) => {
  const { generations } = await chat({ n: 3 }).generate([messages(name)])
  return generations[0].map(({ text }) => text)
})
await see('tools', async (name) => {
  const { tool_calls } = await chat().bindTools([weather]).invoke(messages(name))
  return tool_calls.map((call) => call.name)
})
await see('tools-stream', (name) => streamed(name, chat().bindTools([weather])))
await see('parse', async (name) => {
  const structured = chat().withStructuredOutput(z.object({ answer: z.number() }))
  return structured.invoke(messages(name))
})
await see('error', async (name) => (await chat({ model: 'status-500' }).invoke(messages(name))).content)
await see('error-stream', (name) => streamed(name, chat({ model: 'status-429' })))
await seeTogether([plain, streamed, plain])
if (takeOut) {
  takeOut()
  await see('after', plain)
}
await provider.shutdown()
