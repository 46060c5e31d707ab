// OpenLLMetry's instrumentation of the OpenAI client, with the attributes of its decorators by hand.
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai'
import OpenAI from 'openai'

const shared = process.env.AGL_TEST_MODULES
const { spanWitness, watch } = await import(`${shared}/witness.ts`)
const { calls, useTool } = await import(`${shared}/openai-scenario.ts`)
watch()
const Exporter = process.env.AGL_TEST_ENCODING === 'json' ? JsonExporter : ProtobufExporter
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'openllmetry-js' }),
  spanProcessors: [spanWitness, new BatchSpanProcessor(new Exporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const instrumentation = new OpenAIInstrumentation({ enrichTokens: true })
instrumentation.setTracerProvider(provider)
instrumentation.manuallyInstrument(OpenAI)
const client = new OpenAI({ maxRetries: 0 })
const tracer = trace.getTracer('program')

async function inSpan(kind, name, work) {
  const attributes = {
    'traceloop.span.kind': kind,
    'traceloop.entity.name': name,
    'traceloop.workflow.name': 'trip',
    'traceloop.association.properties.session_id': 'session-1',
    'traceloop.entity.input': JSON.stringify({ args: [name], kwargs: {} }),
  }
  return await tracer.startActiveSpan(`${name}.${kind}`, { attributes }, async (span) => {
    try {
      const result = await work()
      span.setAttribute('traceloop.entity.output', JSON.stringify(result ?? null))
      return result
    } catch (error) {
      span.recordException(error)
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
    } finally {
      span.end()
    }
  })
}

await inSpan('workflow', 'trip', () =>
  inSpan('agent', 'planner', async () => {
    const said = await useTool(client, 'How is the weather in Zürich?', (city) => ({ city, degrees: 21 }))
    console.log('planned:', said)
    return said
  }),
)
await inSpan('workflow', 'everything', () => calls(client))
await inSpan('tool', 'broken', async () => {
  throw new Error('as planned')
})
await provider.shutdown()
