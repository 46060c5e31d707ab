// When the announcement of a call is flushed, and what the client gets when it cannot be.
import { expect, test } from 'vitest'
import type { Fault, Operation } from '../log/testing/memory-disk.ts'
import { type Ended, withGateway } from './testing/real-gateway.ts'

interface Reply {
  readonly type: string
  readonly body: string
  readonly length?: number
}

interface Answer {
  readonly status: number
  readonly error: string | null
  readonly body: string
  /** At the time of the answer. */
  readonly flushes: number
}

const plain = { type: 'application/json', body: '{"id":"1","choices":[]}', length: 23 }
const chunked = { type: plain.type, body: plain.body }
const stream = { type: 'text/event-stream', body: 'data: {"choices":[]}\n\ndata: [DONE]\n\n' }

/** One call of a model that answers at once. */
function callOnce(
  request: object,
  { type, body, length }: Reply,
  decide?: (operation: Operation) => Fault | undefined,
): Promise<Ended<Answer>> {
  return withGateway(
    'openai',
    (asked, response) => {
      asked.resume()
      response.writeHead(200, {
        'content-type': type,
        ...(length === undefined ? {} : { 'content-length': length }),
      })
      response.end(body)
    },
    async ({ url, flushes }) => {
      const init = { method: 'POST', body: JSON.stringify({ model: 'tiny', messages: [], ...request }) }
      const answer = await fetch(url, init)
      const error = answer.headers.get('x-agl-error')
      return { status: answer.status, error, body: await answer.text(), flushes: flushes() }
    },
    decide,
  )
}

test.each([
  ['with its end where the call is answered at once', {}, plain, 1],
  ['before a plain reply that passes as it comes', {}, chunked, 2],
  ['before a stream', { stream: true }, stream, 2],
  ['before a stream that was not asked for', {}, stream, 2],
])('an announcement is flushed %s', async (_, request, reply, flushes) => {
  const { result, calls, status } = await callOnce(request, reply)
  expect(result).toEqual({ status: 200, error: null, body: reply.body, flushes })
  expect(calls.map(({ kind }) => kind)).toEqual(['gatewayStart', 'gatewayEnd'])
  expect(calls[1]?.body.toString()).toBe(reply.body)
  expect(status).toMatchObject({ recorded: 1, unrecorded: 0 })
})

test.each([
  ['a plain call', {}, plain],
  ['a plain call whose reply passes as it comes', {}, chunked],
  ['a stream', { stream: true }, stream],
  ['a stream that was not asked for', {}, stream],
])('%s whose announcement cannot be flushed is refused', async (_, request, reply) => {
  let seen = 0
  // The first two are of the segment's header and of the record before the call.
  const third = ({ kind }: Operation): Fault | undefined =>
    kind === 'flush' && ++seen === 3 ? 'EIO' : undefined
  const { result, calls, status } = await callOnce(request, reply, third)
  expect(result).toMatchObject({ status: 503, error: 'AGL_GATEWAY_NOT_RECORDED' })
  expect(result.body).not.toContain('choices')
  expect(calls.filter(({ kind }) => kind === 'gatewayStart')).toEqual([])
  expect(status).toMatchObject({ recorded: 0, unrecorded: 0 })
})
