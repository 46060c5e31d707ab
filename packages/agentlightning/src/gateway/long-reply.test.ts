import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withGateway } from './testing/real-gateway.ts'

const CLIENTS = 8
const ROUNDS = 4

/** A reply as a server with the flag gives it, and as it is without. */
function someReply(name: string, bytes: number): { readonly asked: string; readonly unasked: string } {
  const content = randomBytes(bytes).toString('base64')
  const reply = (ids: string) =>
    `{"id":"${name}","choices":[{"index":0,"message":{"role":"assistant","content":"${content}"},"token_ids":${ids}}],` +
    `"prompt_token_ids":${ids}}`
  const numbers = JSON.stringify(Array.from({ length: 9000 }, (_, at) => at))
  return { asked: reply(numbers), unasked: reply('null') }
}

test('long replies that share memory one after the other arrive and are recorded as they are', async () => {
  const replies = new Map<string, ReturnType<typeof someReply>>()
  const names = Array.from({ length: CLIENTS * ROUNDS }, (_, at) => `reply-${at}`)
  // Some are longer than what the system takes off our hands while their client does not read.
  for (const [at, name] of names.entries())
    replies.set(name, someReply(name, at % 3 === 0 ? 5_500_000 : 20_000 + at * 40_000))
  const { result, calls } = await withGateway(
    'vllm',
    (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', async () => {
        const { user, return_token_ids: isAsked } = JSON.parse(Buffer.concat(parts).toString())
        const bytes = Buffer.from(replies.get(user)?.[isAsked ? 'asked' : 'unasked'] as string)
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
        for (let at = 0; at < bytes.length; at += 500_000) {
          response.write(bytes.subarray(at, at + 500_000))
          await sleep(1)
        }
        response.end()
      })
    },
    async ({ url }) => {
      const wrong: string[] = []
      const ids = new Map<string, string>()
      const client = async (own: readonly string[]): Promise<void> => {
        for (const [at, user] of own.entries()) {
          const answer = await fetch(url, {
            method: 'POST',
            body: JSON.stringify({ model: 'tiny', messages: [], user }),
          })
          // Some take their time, so that others come while their reply is still on its way.
          if (at % 2 === 0) await sleep(60)
          if ((await answer.text()) !== replies.get(user)?.unasked) wrong.push(user)
          ids.set(answer.headers.get('x-agl-call-id') as string, user)
        }
      }
      await Promise.all(
        Array.from({ length: CLIENTS }, (_, at) => client(names.filter((_name, i) => i % CLIENTS === at))),
      )
      return { wrong, ids }
    },
  )
  expect(result.wrong).toEqual([])
  const ends = calls.filter(({ kind }) => kind === 'gatewayEnd')
  expect(ends).toHaveLength(names.length)
  for (const { callId, body } of ends)
    expect(body.toString() === replies.get(result.ids.get(callId) as string)?.asked, callId).toBe(true)
})
