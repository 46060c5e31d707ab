// A program with everything that a span of OpenTelemetry JS can carry, over OTLP in the form that
// AGL_TEST_ENCODING names.
import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { spanWitness, watch } from './witness.ts'

watch()
const exporters = { grpc: GrpcExporter, json: JsonExporter, protobuf: ProtobufExporter }
const exporter = new exporters[process.env.AGL_TEST_ENCODING as keyof typeof exporters]()
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'otel-js', rank: 3, zone: ['a', 'ü'], load: 0.1 }),
  spanLimits: {
    attributeCountLimit: 40,
    attributeValueLengthLimit: 50_000,
    eventCountLimit: 3,
    linkCountLimit: 2,
    attributePerEventCountLimit: 2,
    attributePerLinkCountLimit: 1,
  },
  spanProcessors: [spanWitness, new BatchSpanProcessor(exporter)],
})
const tracer = provider.getTracer('client.test', '1.2.3-β')

const types = tracer.startSpan('every attribute type', {
  attributes: {
    text: 'häßlich 漢字 🚀 \u0000 \u001b[31m "quoted" \\ \u2028',
    empty: '',
    long: 'x'.repeat(100_000),
    yes: true,
    no: false,
    zero: 0,
    small: -1,
    'largest safe': Number.MAX_SAFE_INTEGER,
    'beyond safe': 2 ** 60,
    pi: Math.PI,
    tiny: 5e-324,
    'not a number': Number.NaN,
    infinite: Number.POSITIVE_INFINITY,
    'minus infinite': Number.NEGATIVE_INFINITY,
    texts: ['a', '', '漢字', null],
    flags: [true, false],
    ids: [0, 1, Number.MAX_SAFE_INTEGER],
    doubles: [0.1, 2, -0.5],
    none: [],
    'key with . / ü': 'key',
  },
})
types.end()

for (const [name, kind] of Object.entries(SpanKind))
  if (typeof kind === 'number') {
    const outer = tracer.startSpan(`kind ${name}`, { kind })
    tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, outer)).end()
    outer.end()
  }

const far = {
  traceId: 'ffffffffffffffffffffffffffffffff',
  spanId: 'ffffffffffffffff',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: createTraceState('vendor=x,other=y'),
}
const near = { context: types.spanContext(), attributes: { why: 'first', more: 'dropped' } }
const linked = tracer.startSpan('events and links', { links: [near, { context: far }] })
linked.addEvent('plain')
linked.addEvent('with attributes', { count: 2 ** 40, more: true, dropped: 1 }, [1_700_000_000, 123_456_789])
linked.addEvent('', { 'no name': true })
linked.setStatus({ code: SpanStatusCode.OK })
linked.end()

// More than the limits allow: the SDK drops some and counts them.
const dropped = tracer.startSpan('dropped', { links: [near, near, near, near] })
for (let index = 0; index < 5; index++) dropped.addEvent(`event ${index}`)
for (let index = 0; index < 50; index++) dropped.setAttribute(`attribute.${index}`, index)
dropped.end()

const failing = tracer.startSpan('fails')
failing.recordException(new TypeError('häßlich'))
failing.setStatus({ code: SpanStatusCode.ERROR, message: 'described: ☂' })
failing.end()

const remote = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: createTraceState('rojo=00f067aa0ba902b7'),
}
const below = tracer.startSpan('remote parent', {}, trace.setSpanContext(ROOT_CONTEXT, remote))
tracer.startSpan('below the remote parent', {}, trace.setSpan(ROOT_CONTEXT, below)).end()
below.end()

const unversioned = provider.getTracer('unversioned')
unversioned.startSpan('', { startTime: [1_600_000_000, 1] }).end([1_600_000_000, 1])
await provider.shutdown()
