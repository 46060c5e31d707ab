// The client of OpenAI with OpenTelemetry and no instrumentation: the spans are those that the hooks make.
import { trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import OpenAI from 'openai'
import { basics, more } from '../scenario.ts'

if (process.env.AGL_TEST_BY_CALL) {
  const { instrumentAgentOps } = await import('agentlightning/instrumentation')
  await instrumentAgentOps().ready
}
const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
const client = new OpenAI({ maxRetries: 0 })
await basics(client, 'vllm-0.32.0/chat-ids', 'vllm-0.32.0/chat-stream-ids')
await more(client, 'vllm-0.32.0')
await basics(client, 'litellm-1.106.2/hv-chat-ids', 'litellm-1.106.2/hv-chat-stream-ids')
await basics(client, 'sglang-0.5.23/chat-ids', 'sglang-0.5.23/chat-stream')
await basics(client, 'transformers-serve-5.19.0/chat-ids', 'transformers-serve-5.19.0/chat-stream-ids')
await provider.shutdown()
