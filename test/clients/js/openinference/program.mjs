// OpenInference's instrumentation of the OpenAI client, with its context attributes and spans by hand.

import { setAttributes, setMetadata, setSession, setTags, setUser } from '@arizeai/openinference-core'
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { OpenInferenceSpanKind, SemanticConventions } from '@arizeai/openinference-semantic-conventions'
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import OpenAI from 'openai'

const shared = process.env.AGL_TEST_MODULES
const { spanWitness, watch } = await import(`${shared}/witness.ts`)
const { calls, responses, useTool } = await import(`${shared}/openai-scenario.ts`)
watch()
const Exporter = process.env.AGL_TEST_ENCODING === 'json' ? JsonExporter : ProtobufExporter
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'openinference-js' }),
  spanProcessors: [spanWitness, new BatchSpanProcessor(new Exporter())],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const instrumentation = new OpenAIInstrumentation({ tracerProvider: provider })
instrumentation.manuallyInstrument(OpenAI)
const client = new OpenAI({ maxRetries: 0 })
const tracer = trace.getTracer('program')

async function inSpan(name, kind, attributes, work) {
  const { OPENINFERENCE_SPAN_KIND } = SemanticConventions
  return await tracer.startActiveSpan(
    name,
    { attributes: { [OPENINFERENCE_SPAN_KIND]: kind, ...attributes } },
    async (span) => {
      try {
        return await work(span)
      } catch (error) {
        span.recordException(error)
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
      } finally {
        span.end()
      }
    },
  )
}

const { AGENT, CHAIN, TOOL } = OpenInferenceSpanKind
let own = setSession(context.active(), { sessionId: 'session-1' })
own = setUser(own, { userId: 'ada' })
own = setMetadata(own, { round: 3 })
own = setTags(own, ['trip', 'ü'])
own = setAttributes(own, { zone: 'a' })
await context.with(own, () =>
  inSpan('planner', AGENT, { 'agent.name': 'planner', 'input.value': 'weather?' }, async (span) => {
    const said = await useTool(client, 'How is the weather in Zürich?', (city) => {
      const result = { city, degrees: 21 }
      tracer
        .startSpan('weather', {
          attributes: {
            [SemanticConventions.OPENINFERENCE_SPAN_KIND]: TOOL,
            'tool.name': 'weather',
            'input.value': JSON.stringify({ city }),
            'output.value': JSON.stringify(result),
          },
        })
        .end()
      return result
    })
    span.setAttribute('output.value', said)
    console.log('planned:', said)
  }),
)
await inSpan('everything', CHAIN, {}, async () => {
  await calls(client)
  await responses(client)
})
await inSpan('broken', TOOL, { 'tool.name': 'broken' }, async () => {
  throw new Error('as planned')
})
await provider.shutdown()
