// A provider of the real OpenTelemetry SDK whose spans are kept, and a model server that answers what it is told.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { context, trace } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type TracerConfig,
} from '@opentelemetry/sdk-trace-base'
import { AlsContextManager } from './als-context.ts'

/** What the server answers with. */
export interface Answer {
  readonly status?: number
  readonly type?: string
  readonly body: string
  /** The connection breaks after the body. */
  readonly breaks?: boolean
}

/** A request as the server got it. */
export interface Got {
  readonly body: Record<string, unknown>
  readonly headers: IncomingHttpHeaders
}

/** A server on loopback. */
export interface Told {
  readonly url: string
  readonly got: Got[]
  /** Taken in turn; the last one stays. */
  answers: Answer[]
  close(): Promise<void>
}

/** Starts a server that gives `answers`. */
export async function startTold(): Promise<Told> {
  const told: { -readonly [K in keyof Told]: Told[K] } = {
    url: '',
    got: [],
    answers: [],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    told.got.push({ body: JSON.parse(Buffer.concat(parts).toString()), headers: request.headers })
    const answer = told.answers.length > 1 ? told.answers.shift() : told.answers[0]
    if (!answer) throw new Error('no answer was given')
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json' })
    if (!answer.breaks) return void response.end(answer.body)
    response.write(answer.body)
    // Long enough for the client to have read it.
    await sleep(250)
    response.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  told.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return told
}

/** Frames as a stream. */
export function events(frames: readonly unknown[], end = 'data: [DONE]\n\n'): Answer {
  const body = frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('') + end
  return { type: 'text/event-stream', body }
}

/** The SDK, registered. */
export interface Sdk {
  readonly exporter: InMemorySpanExporter
  readonly provider: BasicTracerProvider
  /** The spans that ended, oldest first. */
  spans(): ReadableSpan[]
  remove(): Promise<void>
}

/** Registers the SDK with a context manager, as an application does. */
export function registerSdk(config: TracerConfig = {}): Sdk {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ ...config, spanProcessors: [new SimpleSpanProcessor(exporter)] })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AlsContextManager())
  return {
    exporter,
    provider,
    spans: () => exporter.getFinishedSpans(),
    async remove() {
      trace.disable()
      context.disable()
      await provider.shutdown()
    },
  }
}
