// Reads everything that a server holds through its HTTP API, whole.
import { expect } from 'vitest'
import { settled } from '../support/read-traces.ts'
import { parseLines, type WholeSpan } from './otlp.ts'

/** What lists say about a trace; see the OpenAPI page of the server. */
export interface TraceSummary {
  traceId: string
  name: string
  status: string
  endState?: string | null
  rootKnown: boolean
  spans: number
  errors: number
  calls: number
  tools: number
  inputTokens?: number | null
  outputTokens?: number | null
  totalTokens?: number | null
  service?: string | null
  models: string[]
  tags: string[]
}

/** A span as trees show it. */
interface TreeSpan {
  spanId: string
  parentSpanId?: string | null
  name: string
}

/** All that a server holds. */
export interface Held {
  readonly traces: readonly TraceSummary[]
  readonly spans: readonly WholeSpan[]
  /** Uploaded texts by trace id. */
  readonly logs: ReadonlyMap<string, readonly string[]>
}

/** Waits until all that was acknowledged is readable, then reads it. */
export async function readBack(url: string): Promise<Held> {
  await settled({ port: Number(new URL(url).port) })
  const traces = await pages<TraceSummary>(`${url}/api/v1/traces?limit=3`, 'traces')
  const spans: WholeSpan[] = []
  const logs = new Map<string, string[]>()
  for (const trace of traces) {
    const at = `${url}/api/v1/traces/${trace.traceId}`
    spans.push(...parseLines<WholeSpan>(await getText(`${at}/export`)))
    const uploads = (await getJson(`${at}/console`)) as { logs: { text: string }[] }
    logs.set(
      trace.traceId,
      uploads.logs.map((log) => log.text),
    )
  }
  return { traces, spans, logs }
}

/** Expects lists, trees and single spans to tell what the exports of the same server told. */
export async function expectViewsToAgree(url: string, held: Held): Promise<void> {
  for (const trace of held.traces) {
    const exported = held.spans.filter(({ span }) => span.traceId === trace.traceId)
    await expectViewToAgree(`${url}/api/v1/traces/${trace.traceId}`, trace, exported)
  }
}

async function expectViewToAgree(at: string, trace: TraceSummary, exported: WholeSpan[]): Promise<void> {
  const tree = await pages<TreeSpan>(`${at}?limit=7`, 'spans')
  expect(trace.spans).toBe(exported.length)
  const shape = (id: string, parent: string | null | undefined, name: string | undefined) =>
    `${id} < ${parent || '-'} ${name ?? ''}`
  const seen = tree.map((span) => shape(span.spanId, span.parentSpanId, span.name))
  const sent = exported.map(({ span }) => shape(span.spanId, span.parentSpanId, span.name))
  expect(seen.toSorted()).toEqual(sent.toSorted())
  const first = exported[0]
  if (first) expect(await getJson(`${at}/spans/${first.span.spanId}`)).toEqual(first)
}

async function pages<T>(url: string, key: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const next: string = cursor ? `${url}&cursor=${encodeURIComponent(cursor)}` : url
    const page = (await getJson(next)) as Record<string, T[]> & { cursor: string | null }
    items.push(...(page[key] ?? []))
    cursor = page.cursor
  } while (cursor)
  return items
}

async function getJson(url: string): Promise<unknown> {
  return JSON.parse(await getText(url))
}

async function getText(url: string): Promise<string> {
  const response = await fetch(url)
  const text = await response.text()
  expect(response.status, `${url}: ${text.slice(0, 500)}`).toBe(200)
  return text
}
