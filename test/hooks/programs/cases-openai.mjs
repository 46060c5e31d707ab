// The client of OpenAI, of any version, with OpenTelemetry and no instrumentation: imported before the hooks where
// those are put in by a call.
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import OpenAI from 'openai'

const { afterwards, hooksByCall, openaiCases } = await import(process.env.AGL_TEST_CASES)
const client = new OpenAI({ maxRetries: 0 })
const takeOut = await hooksByCall()
const provider = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
await openaiCases(client)
if (takeOut) {
  takeOut()
  await afterwards(client)
}
await provider.shutdown()
