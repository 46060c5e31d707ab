// An OpenTelemetry instrumentation of the client of OpenAI: the ids go on its spans.

import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai'
import OpenAI from 'openai'

const { simple } = await import(process.env.AGL_TEST_SCENARIO)
const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const instrumentation = new OpenAIInstrumentation({})
instrumentation.setTracerProvider(provider)
instrumentation.manuallyInstrument(OpenAI)
const client = new OpenAI({ maxRetries: 0 })
await simple(client, 'vllm-0.32.0/chat-ids', 'vllm-0.32.0/chat-stream-ids')
await provider.shutdown()
