// The client of OpenAI with OpenTelemetry and no instrumentation, and a real model server.
import { trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import OpenAI from 'openai'
import { basics } from '../scenario.ts'

const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
const client = new OpenAI({ maxRetries: 0 })
await basics(client, 'tiny', 'tiny')
const asked = {
  model: 'tiny',
  messages: [{ role: 'user' as const, content: 'hello world' }],
  max_tokens: 24,
}
const chat = client.chat.completions
await chat.create({ ...asked, n: 3 })
for await (const _ of await chat.create({ ...asked, n: 3, stream: true }));
const weather = {
  type: 'function' as const,
  function: { name: 'get_weather', parameters: { type: 'object' } },
}
await chat.create({ ...asked, tools: [weather] })
for await (const _ of await chat.create({ ...asked, tools: [weather], stream: true }));
await chat.create({ ...asked, logprobs: true, top_logprobs: 2 })
const schema = {
  type: 'object',
  properties: { answer: { type: 'integer', const: 7 } },
  required: ['answer'],
  additionalProperties: false,
}
const format = { type: 'json_schema' as const, json_schema: { name: 'answer', schema } }
// Room for all the spaces that a server may put in.
const parsed = await chat.parse({ ...asked, response_format: format, max_tokens: 160 })
console.log(JSON.stringify(parsed.choices[0]?.message.content))
// A structured reply that ends too early for the parser.
await chat.parse({ ...asked, response_format: format, max_tokens: 3 }).catch((error: Error) => {
  console.log(error.message)
})
const wrong = { ...asked, temperature: 'hot' } as unknown as typeof asked
await chat.create(wrong).catch((error: InstanceType<typeof OpenAI.APIError>) => console.log(error.status))
await provider.shutdown()
