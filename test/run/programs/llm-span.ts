// One model call as a span, by the OpenTelemetry SDK, configured by nothing but its environment.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { detectResources, envDetector } from '@opentelemetry/resources'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

const provider = new BasicTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())],
})
const span = provider.getTracer('program').startSpan('chat m')
span.setAttributes({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'm',
  'gen_ai.usage.input_tokens': 5,
  'gen_ai.usage.output_tokens': 2,
})
span.end()
await provider.shutdown()
