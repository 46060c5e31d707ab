// OTLP trace bodies for load (opentelemetry-proto trace/v1, protobuf), encoded once. Ids and times stand in
// fields of fixed width, so that a body is made new by writing over them: the generator costs little.
import { type Random, seeded } from './random.ts'
import { marker, type SpanSize, spanOf } from './spans.ts'
import { bytesField, keyValue, message, string, text } from './wire.ts'

/**
 * `mix`: of twenty spans twelve of about 450 bytes, seven of LLM calls (8 KB of text and two arrays of 1,000
 * token ids, 20 KB together) and one of 100 KB. `small`: only those of 450 bytes.
 */
export type Mix = 'mix' | 'small'

/** What a stream of bodies is made of. */
export interface BodyShape {
  readonly mix: Mix
  readonly spansPerBody: number
  /** A trace may go on in the next bodies of the same stream. */
  readonly spansPerTrace: number
}

const mixOfTwenty: readonly SpanSize[] = [
  ...Array<SpanSize>(12).fill('small'),
  ...Array<SpanSize>(7).fill('llm'),
  'large',
]
/** How long each span lasts: 40 ms, in ns. */
const SPAN_NS = 40_000_000

/** Where the changing parts of one span lie in its body. */
interface Patch {
  readonly traceId: number
  readonly spanId: number
  readonly parentId: number
  readonly startNs: number
  readonly endNs: number
}

/** The halves of a time in ns. */
interface Time {
  readonly low: number
  readonly high: number
}

interface Template {
  readonly bytes: Buffer
  readonly patches: readonly Patch[]
}

/** The different bodies of a shape. */
export type Templates = readonly Template[]

/** A stream of bodies with fresh ids. One per connection: a body is written over by the next but few. */
export class BodyStream {
  readonly #shape: BodyShape
  readonly #random: Random
  readonly #templates: Templates
  readonly #traceId = Buffer.alloc(16)
  readonly #rootId = Buffer.alloc(8)
  readonly #spanId = Buffer.alloc(8)
  #turn = 0
  #inTrace = 0

  /**
   * Streams of different seeds never share an id (but by the chance that random ids have). Making the templates
   * takes time: streams of one shape may share them, each copies them.
   */
  constructor(shape: BodyShape, seed: number, templates: Templates = templatesOf(shape)) {
    this.#shape = shape
    this.#random = seeded(seed)
    this.#templates = templates.map(({ bytes, patches }) => ({ bytes: Buffer.from(bytes), patches }))
  }

  /** Of the span written last, in hex. */
  get last(): { readonly traceId: string; readonly spanId: string } {
    return { traceId: this.#traceId.toString('hex'), spanId: this.#spanId.toString('hex') }
  }

  /** The next body: valid until this was called as often again as there are templates, at least once. */
  next(nowMs: number): Buffer {
    const template = this.#templates[this.#turn++ % this.#templates.length] as Template
    const { bytes, patches } = template
    const now = timeOf(nowMs)
    for (const [at, patch] of patches.entries()) {
      const isRoot = this.#inTrace === 0
      this.#inTrace = (this.#inTrace + 1) % this.#shape.spansPerTrace
      if (isRoot) fill(this.#traceId, this.#random)
      fill(this.#spanId, this.#random)
      if (isRoot) this.#spanId.copy(this.#rootId)
      this.#traceId.copy(bytes, patch.traceId)
      this.#spanId.copy(bytes, patch.spanId)
      // A parent of eight zeros is none: the length of the field must not change.
      if (isRoot) bytes.fill(0, patch.parentId, patch.parentId + 8)
      else this.#rootId.copy(bytes, patch.parentId)
      writeNs(bytes, patch.startNs, now, at * 1000)
      writeNs(bytes, patch.endNs, now, at * 1000 + SPAN_NS)
    }
    return bytes
  }
}

/** As many different bodies as the mix needs to come out even, filled with the same bytes every time. */
export function templatesOf({ mix, spansPerBody }: BodyShape): Templates {
  const random = seeded(1)
  if (mix === 'small') return [template(Array<SpanSize>(spansPerBody).fill('small'), random)]
  const bodies = Math.max(1, Math.ceil(40 / spansPerBody))
  const sizes = Array.from({ length: bodies * spansPerBody }, (_, at) => mixOfTwenty[at % 20] as SpanSize)
  shuffle(sizes, random)
  return Array.from({ length: bodies }, (_, body) =>
    template(sizes.slice(body * spansPerBody, (body + 1) * spansPerBody), random),
  )
}

function template(sizes: readonly SpanSize[], random: Random): Template {
  const resource = message(1, [
    keyValue(1, 'service.name', string('bench-agent')),
    keyValue(1, 'telemetry.sdk.name', string('opentelemetry')),
    keyValue(1, 'telemetry.sdk.language', string('python')),
    keyValue(1, 'deployment.environment', string('test')),
  ])
  const scope = message(1, [bytesField(1, text('bench.instrumentation')), bytesField(2, text('1.0.0'))])
  const spans = sizes.map((size, at) => spanOf(size, at, random))
  const bytes = message(1, [resource, message(2, [scope, ...spans.map((span) => message(2, [span]))])])
  // The ids of each span hold a marker that says where it landed.
  const patches = sizes.map((_, at) => {
    const traceId = bytes.indexOf(marker(at))
    return {
      traceId,
      spanId: traceId + 18,
      parentId: traceId + 28,
      startNs: traceId + 37,
      endNs: traceId + 46,
    }
  })
  return { bytes, patches }
}

function fill(id: Buffer, random: Random): void {
  for (let at = 0; at < id.length; at += 4) id.writeUInt32LE(random(), at)
}

function shuffle<T>(items: T[], random: Random): void {
  for (let at = items.length - 1; at > 0; at--) {
    const other = random() % (at + 1)
    const kept = items[at] as T
    items[at] = items[other] as T
    items[other] = kept
  }
}

/** Writes `base` and `ns` after it as a fixed64. A bigint for each span would cost more than all the rest. */
function writeNs(bytes: Buffer, at: number, base: Time, ns: number): void {
  const low = base.low + ns
  bytes.writeUInt32LE(low % 2 ** 32, at)
  bytes.writeUInt32LE(base.high + Math.floor(low / 2 ** 32), at + 4)
}

function timeOf(ms: number): Time {
  const ns = BigInt(ms) * 1_000_000n
  return { low: Number(ns & 0xffffffffn), high: Number(ns >> 32n) }
}
