// Compares what a real model server answers directly with what comes through the gateway. Two replies of one server
// differ in what it makes up for each: ids, clocks, its caches, and in streams how tokens of several choices alternate
// and which of them share an event.
import { expect } from 'vitest'
import { type Answer, request } from '../support/http.ts'
import { gatewayRecords } from './records.ts'

/** Where a request can be sent. */
export interface Ends {
  /** Of the model server. */
  readonly direct: number
  /** Of the gateway. */
  readonly gateway: number
  /** Where the gateway takes calls, without `/v1`. */
  readonly prefix: string
}

/** Rounds until both ways have given the same; one is enough unless events fell together differently. */
const MOST_ROUNDS = 20

/** Sends one request. */
export function ask(port: number, path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-mine' }
  return request({ port }, { method: 'POST', path, headers, body: JSON.stringify(body) })
}

/**
 * Sends a request both ways until the replies are the same byte for byte, but for what is said above.
 * Resolves with both replies of the last round.
 */
export async function sameBothWays(
  { direct, gateway, prefix }: Ends,
  path: string,
  body: object,
): Promise<{ readonly direct: Answer; readonly through: Answer }> {
  const seen = new Set<string>()
  const wanted = new Set<string>()
  for (let round = 1; ; round++) {
    const alone = await ask(direct, path, body)
    const through = await ask(gateway, prefix + path, body)
    wanted.add(lasting(alone.body.toString()))
    seen.add(lasting(through.body.toString()))
    expect(through.status).toBe(alone.status)
    expect(through.headers['content-type']).toBe(alone.headers['content-type'])
    if ([...seen].some((text) => wanted.has(text))) return { direct: alone, through }
    if (round === MOST_ROUNDS) expect([...seen][0]).toBe([...wanted][0])
  }
}

/** A reply without what a server makes up for it. */
function lasting(text: string): string {
  const plain = text
    .replaceAll(/"(id|item_id|request_id|system_fingerprint)":\s*"[^"]*"/g, '"$1":""')
    .replaceAll(
      /"(created|created_at|completed_at|cached_tokens|cache_read_input_tokens)":\s*[\d.]+/g,
      '"$1":0',
    )
    .replaceAll(/,"timings":\{[^}]*\}/g, '')
  return /^(data|event):/.test(plain) ? byChoice(plain) : plain
}

/** The events of a stream, those of one choice together. */
function byChoice(text: string): string {
  const events = text.split(/(?<=\n\n)/)
  const choiceOf = (event: string) => Number(/"index":(\d+)/.exec(event)?.[1] ?? 0)
  const last = events.findIndex((event) => !event.includes('"choices":[{'))
  const end = last < 0 ? events.length : last
  const choices = events.slice(0, end).sort((a, b) => choiceOf(a) - choiceOf(b))
  return [...choices, ...events.slice(end)].join('')
}

/** The reply to the newest call as the gateway kept it. */
export function newestReply(dataDir: string): string {
  return gatewayRecords(dataDir).ends.at(-1)?.body ?? ''
}
