// Traces for the dashboard's tests, sent as OTLP JSON.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, type TestServer } from '../support/agl.ts'

interface JsonSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  status?: { code: number; message?: string }
  attributes: { key: string; value: Record<string, unknown> }[]
}

/** What a trace is to be like. */
export interface Wanted {
  readonly name?: string
  readonly agoMs?: number
  readonly service?: string
  readonly error?: string
  readonly attributes?: Readonly<Record<string, string>>
  /** Spans below the root. */
  readonly children?: number
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
const pairs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))

async function post(server: TestServer, spans: readonly JsonSpan[], service: string): Promise<void> {
  const resource = { attributes: pairs({ 'service.name': service }) }
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
  })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
}

/** Sends one trace; resolves to its id when it is acknowledged. */
export async function sendTrace(server: TestServer, wanted: Wanted = {}): Promise<string> {
  const { name = 'run', agoMs = 1000, service = 'tests', error, attributes = {}, children = 0 } = wanted
  const traceId = hex(16)
  const rootId = hex(8)
  const start = BigInt(Date.now() - agoMs) * 1_000_000n
  const at = (ms: number) => String(start + BigInt(Math.round(ms * 1e6)))
  const spans: JsonSpan[] = [
    {
      traceId,
      spanId: rootId,
      name,
      startTimeUnixNano: at(0),
      endTimeUnixNano: at(1000),
      status: error === undefined ? { code: 1 } : { code: 2, message: error },
      attributes: pairs({ 'agentops.span.kind': 'agent', ...attributes }),
    },
  ]
  for (let child = 0; child < children; child++) {
    const from = (1000 * child) / children
    spans.push({
      traceId,
      spanId: hex(8),
      parentSpanId: rootId,
      name: `step ${child}`,
      startTimeUnixNano: at(from),
      endTimeUnixNano: at(from + 900 / children),
      attributes: [],
    })
  }
  for (let from = 0; from < spans.length; from += 5000)
    await post(server, spans.slice(from, from + 5000), service)
  return traceId
}

/** Sends the demo trace of a travel agent as if it ran just now; resolves to its id. */
export async function sendDemo(server: TestServer): Promise<string> {
  const file = join(root, 'packages/agentlightning/src/otlp/scan/fixtures/demo-trace.otlp.json')
  const body = JSON.parse(readFileSync(file, 'utf8'))
  const spans: JsonSpan[] = body.resourceSpans[0].scopeSpans[0].spans
  const shift = BigInt(Date.now() - 12_000) * 1_000_000n - BigInt(spans[0]?.startTimeUnixNano ?? 0)
  const traceId = hex(16)
  const moved = spans.map((span) => ({
    ...span,
    traceId,
    startTimeUnixNano: String(BigInt(span.startTimeUnixNano) + shift),
    endTimeUnixNano: String(BigInt(span.endTimeUnixNano) + shift),
  }))
  await post(server, moved, 'travel-agent')
  return traceId
}
