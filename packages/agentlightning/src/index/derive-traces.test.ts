import { expect, test } from 'vitest'
import { limits } from '../otlp/scan/fixtures/collect.ts'
import { field } from '../otlp/scan/fixtures/protobuf-bytes.ts'
import type { SpanRow } from '../store/contract.ts'
import { createDeriveRecord } from './derive-record.ts'

const SCOPES = 20_000
const RESOURCE_ATTRIBUTES = 2000
const TRACE = '53d397bc33322d9257387a54df79c5de'

const spanIdOf = (at: number) => (at + 1).toString(16).padStart(16, '0')
const keys = Array.from({ length: RESOURCE_ATTRIBUTES }, (_, at) => `resource.attribute.number.${at}`)

/** A body of two resources, of which the first is large, with a scope for every span. */
const bodies: Readonly<Record<'protobuf' | 'json', () => Buffer>> = {
  protobuf: () => {
    const attribute = (key: string, value: string) =>
      field(1, Buffer.concat([field(1, key), field(2, field(1, value))]))
    const scope = (at: number) =>
      field(
        2,
        Buffer.concat([
          field(1, field(1, `scope ${at}`)),
          field(
            2,
            Buffer.concat([field(1, Buffer.from(TRACE, 'hex')), field(2, Buffer.from(spanIdOf(at), 'hex'))]),
          ),
        ]),
      )
    const large = [attribute('service.name', 'large'), ...keys.map((key) => attribute(key, 'some value'))]
    const first = [
      field(1, Buffer.concat(large)),
      ...Array.from({ length: SCOPES - 1 }, (_, at) => scope(at)),
    ]
    const second = [field(1, attribute('service.name', 'small')), scope(SCOPES - 1)]
    return Buffer.concat([field(1, Buffer.concat(first)), field(1, Buffer.concat(second))])
  },
  json: () => {
    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
    const scope = (at: number) => ({
      scope: { name: `scope ${at}` },
      spans: [{ traceId: TRACE, spanId: spanIdOf(at) }],
    })
    const large = [attribute('service.name', 'large'), ...keys.map((key) => attribute(key, 'some value'))]
    const first = {
      resource: { attributes: large },
      scopeSpans: Array.from({ length: SCOPES - 1 }, (_, at) => scope(at)),
    }
    const second = {
      resource: { attributes: [attribute('service.name', 'small')] },
      scopeSpans: [scope(SCOPES - 1)],
    }
    return Buffer.from(JSON.stringify({ resourceSpans: [first, second] }))
  },
}

test.each(['protobuf', 'json'] as const)(
  'a large resource of very many scopes is read once (%s)',
  (encoding) => {
    const payload = bodies[encoding]()
    const rows: SpanRow[] = []
    const contentType = encoding === 'json' ? 'application/json' : 'application/x-protobuf'
    const header = { kind: 'otlpTraces', receivedNs: 7n, contentType } as const
    const started = performance.now()
    createDeriveRecord(limits)({ header, segment: 1, payloadOffset: 0, payload, start: 0 }, (change) => {
      if (change.type === 'span') rows.push(change.row)
    })
    const ms = performance.now() - started
    process.stdout.write(
      `${encoding}: ${SCOPES} scopes of a resource of ${RESOURCE_ATTRIBUTES} attributes, ${(payload.length / 1e6).toFixed(1)} MB, in ${Math.round(ms)} ms\n`,
    )
    expect(rows).toHaveLength(SCOPES)
    expect(rows.at(0)?.source).toMatchObject({ scopeName: 'scope 0', resourceFields: { service: 'large' } })
    expect(rows.at(-2)?.source.resourceFields.service).toBe('large')
    expect(rows.at(-1)?.source).toMatchObject({ resourceFields: { service: 'small' } })
    // Read for every scope it would be 40 million attributes.
    expect(ms).toBeLessThan(10_000)
  },
)
