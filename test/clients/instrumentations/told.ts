// What a server derived from the spans of a client, in words: one paragraph a span, in an order that does not depend
// on time. `told/` keeps what is expected, to be read by people.
import { join } from 'node:path'
import { expect } from 'vitest'
import type { SpanFields } from '../../../packages/agentlightning/src/trace/fields.ts'
import type {
  Conversation,
  Message,
  Part,
} from '../../../packages/agentlightning/src/trace/messages/types.ts'
import type { Held } from '../read-back.ts'

interface Row {
  readonly spanId: string
  readonly name: string
  readonly fields: SpanFields
  readonly usageCounted: boolean
}

/** Expects the fields and messages of all spans to be those in `told/NAME.txt`. */
export async function expectTold(url: string, held: Held, name: string): Promise<void> {
  const paragraphs: string[] = []
  for (const { traceId } of held.traces) {
    const at = `${url}/api/v1/traces/${traceId}`
    const { spans } = await getJson<{ spans: Row[] }>(`${at}?limit=200`)
    for (const row of spans)
      paragraphs.push(paragraph(row, await getJson<Conversation>(`${at}/spans/${row.spanId}/messages`)))
  }
  const file = join(import.meta.dirname, 'told', `${name}.txt`)
  await expect(`${paragraphs.toSorted().join('\n')}`).toMatchFileSnapshot(file)
}

function paragraph(row: Row, { input, output, tools }: Conversation): string {
  const { type, usage, tags, responseId, requestModel, responseModel, ...texts } = row.fields
  const words = [
    `${row.name}: ${type}`,
    ...(requestModel === undefined
      ? []
      : [`model=${requestModel}${responseModel ? `→${responseModel}` : ''}`]),
    // Ids of the Responses API are random.
    ...(responseId === undefined ? [] : [`id=${responseId.replace(/^resp_.*/, 'resp_…')}`]),
    ...Object.entries(texts).map(([key, value]) => `${key}=${value}`),
    ...(tags === undefined ? [] : [`tags=${tags.toSorted().join('+')}`]),
    ...Object.entries(usage ?? {}).map(([key, count]) => `${key}:${count}`),
    ...(row.usageCounted ? ['counted'] : []),
  ]
  return [
    words.join(' '),
    ...input.map((message) => `  < ${line(message)}`),
    ...output.map((message) => `  > ${line(message)}`),
    ...tools.map(({ name, parameters }) => `  offered: ${name} ${parameters ?? 'without parameters'}`),
    '',
  ].join('\n')
}

function line({ role, parts, finishReason }: Message): string {
  return `${role}${finishReason === undefined ? '' : ` (${finishReason})`}: ${parts.map(partLine).join(' | ')}`
}

function partLine(part: Part): string {
  if (part.type === 'text') return part.text
  if (part.type === 'toolCall') return `calls ${part.name} ${part.arguments} as ${part.id}`
  if (part.type === 'toolResult') return `result of ${part.id}: ${part.text}`
  return part.type === 'media' ? `${part.mediaType} ${part.text}` : `${part.type} ${part.text}`
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  expect(response.status, url).toBe(200)
  return (await response.json()) as T
}
