// A plain gRPC client for tests: it sends whatever bytes it is told to any method.
import {
  type ClientOptions,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { request, type Target } from './http.ts'

/** The methods of OTLP by signal. */
export const exportMethods = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const

/** How a call ended: with a message, or with a status other than 0. */
export interface Called {
  readonly code: number
  readonly details: string
  readonly message: Buffer | undefined
  /** `x-agl-error` of a refusal. */
  readonly error: string | undefined
  /** `grpc-status-details-bin` of a refusal. */
  readonly status: Buffer | undefined
}

export interface CallOptions {
  readonly method?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly compression?: 'gzip' | 'deflate'
}

const raw = (bytes: Buffer): Buffer => bytes
const algorithms = { deflate: 1, gzip: 2 } as const

/** The first gRPC port of a server. */
export async function grpcPortOf(server: Target): Promise<number> {
  const { body } = await request(server, { path: '/health' })
  const { ports } = JSON.parse(body.toString()) as { ports: { grpc: number[] } }
  return ports.grpc[0] as number
}

/** Calls a method with `bytes` as its message, on a connection of its own. */
export function call(port: number, bytes: Buffer, options: CallOptions = {}): Promise<Called> {
  const { method = exportMethods.traces, metadata = {}, compression } = options
  const path = { path: method, requestStream: false, responseStream: false } as const
  const forms = {
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  }
  const Client = makeGenericClientConstructor({ Call: { ...path, ...forms } }, 'Raw')
  const settings: ClientOptions = {
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    ...(compression === undefined ? {} : { 'grpc.default_compression_algorithm': algorithms[compression] }),
  }
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), settings)
  const sent = new Metadata()
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value)
  return new Promise((resolve) => {
    const invoke = client.Call as (
      bytes: Buffer,
      metadata: Metadata,
      options: { deadline: number },
      done: (error: ServiceError | null, message?: Buffer) => void,
    ) => void
    invoke.call(client, bytes, sent, { deadline: Date.now() + 60_000 }, (error, message) => {
      client.close()
      resolve({
        code: error?.code ?? 0,
        details: error?.details ?? '',
        message,
        error: error?.metadata.get('x-agl-error')[0]?.toString(),
        status: error?.metadata.get('grpc-status-details-bin')[0] as Buffer | undefined,
      })
    })
  })
}
