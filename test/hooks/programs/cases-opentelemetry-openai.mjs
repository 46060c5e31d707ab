// OpenTelemetry's own instrumentation of the client of OpenAI, as a CommonJS program has it.
import { createRequire } from 'node:module'

const { afterwards, hooksByCall, openaiCases } = await import(process.env.AGL_TEST_CASES)
const takeOut = await hooksByCall()
const require = createRequire(import.meta.url)
const { context, trace } = require('@opentelemetry/api')
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto')
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai')
const { BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace')
const provider = new TracerProvider({
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
registerInstrumentations({ instrumentations: [new OpenAIInstrumentation({})] })
const OpenAI = require('openai').default
const client = new OpenAI({ maxRetries: 0 })
// It reads the reply of its own accord, so that nobody else can; `parse` cannot, either: with hooks and without.
await openaiCases(client, ['raw', 'raw-stream'])
if (takeOut) {
  takeOut()
  await afterwards(client)
}
await provider.shutdown()
