// A plain and a streamed call, with OpenTelemetry.
import { trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import OpenAI from 'openai'

const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
const client = new OpenAI({ maxRetries: 0 })
const asked = { model: 'tiny', messages: [{ role: 'user' as const, content: 'hello world' }] }
console.log((await client.chat.completions.create(asked)).choices[0]?.message.content)
let text = ''
for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true }))
  text += choices[0]?.delta.content ?? ''
console.log(text)
await provider.shutdown()
