// `hooked-calls.ts CALLS MODE`: makes model calls whose replies come from memory, and prints milliseconds per call.
// MODE: `bare` has no OpenTelemetry, `recorded` has a provider whose spans go nowhere.
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import OpenAI from 'openai'

const [calls, mode] = [Number(process.argv[2]), process.argv[3]]
const ids = Array.from({ length: 600 }, (_, index) => 1000 + index)
const body = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'tiny',
  prompt_token_ids: ids,
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Yes.' }, token_ids: ids, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 600, completion_tokens: 600, total_tokens: 1200 },
})
const headers = { 'content-type': 'application/json' }
const fetch = async (): Promise<Response> => new Response(body, { headers })
if (mode === 'recorded') trace.setGlobalTracerProvider(new BasicTracerProvider())
const client = new OpenAI({ apiKey: 'x', baseURL: 'http://127.0.0.1:9/v1', maxRetries: 0, fetch })
const messages = [{ role: 'user' as const, content: 'How is the weather?' }]

async function makeCalls(count: number): Promise<void> {
  for (let call = 0; call < count; call++) await client.chat.completions.create({ model: 'tiny', messages })
}

await makeCalls(Math.min(calls, 500))
const before = performance.now()
await makeCalls(calls)
console.log((performance.now() - before) / calls)
