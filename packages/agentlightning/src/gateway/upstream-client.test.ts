import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, expect, test } from 'vitest'
import { UpstreamClient } from './upstream-client.ts'

const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

const client = new UpstreamClient({})
let server: Server | undefined
afterEach(() => server?.close())
afterAll(() => client.close())

/** A server that gives `answer` each request with its number on its connection; tells how many there were. */
async function serve(
  answer: (socket: Socket, onConnection: number) => void,
): Promise<{ origin: string; requests: () => number }> {
  let requests = 0
  server = createServer((socket) => {
    let onConnection = 0
    socket.on('error', () => undefined)
    socket.on('data', () => {
      requests++
      answer(socket, ++onConnection)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
  }
}

/** Sends a request; resolves with the text of its reply. */
async function ask(origin: string): Promise<string> {
  const request = { origin, path: '/', method: 'POST', headers: [], body: Buffer.from('{}') }
  const { read } = await client.send(request).reply
  return new Promise((resolve, reject) => {
    let text = ''
    read({
      data: (chunk) => {
        text += chunk
      },
      // The connection is kept once all of its events are over.
      end: () => setTimeout(resolve, 20, text),
      failed: reject,
    })
  })
}

test.each([
  ['closed', (socket: Socket) => socket.end()],
  ['reset', (socket: Socket) => socket.resetAndDestroy()],
])('a request on a kept connection that is %s meanwhile is sent again on a fresh one', async (_, end) => {
  const { origin, requests } = await serve((socket, onConnection) =>
    onConnection === 1 ? socket.write(reply) : end(socket),
  )
  expect(await ask(origin)).toBe('ok')
  expect(await ask(origin)).toBe('ok')
  expect(requests()).toBe(3)
})

test.each([
  ['closed', (socket: Socket) => socket.end()],
  ['reset', (socket: Socket) => socket.resetAndDestroy()],
])('a request on a first connection that is %s without a reply is not sent again', async (_, end) => {
  const { origin, requests } = await serve(end)
  await expect(ask(origin)).rejects.toThrow()
  expect(requests()).toBe(1)
})

test('a request that the server had for a while is not sent again', async () => {
  const { origin, requests } = await serve((socket, onConnection) =>
    onConnection === 1 ? socket.write(reply) : setTimeout(() => socket.end(), 1200),
  )
  expect(await ask(origin)).toBe('ok')
  await expect(ask(origin)).rejects.toThrow()
  expect(requests()).toBe(2)
})

test('a request is sent again once only', async () => {
  let all = 0
  const { origin, requests } = await serve((socket) => {
    all++
    if (all === 1) socket.write(reply)
    else socket.end()
  })
  expect(await ask(origin)).toBe('ok')
  await expect(ask(origin)).rejects.toThrow()
  expect(requests()).toBe(3)
})

test('a reply that breaks off is the program’s to see', async () => {
  const { origin, requests } = await serve((socket, onConnection) => {
    if (onConnection === 1) socket.write(reply)
    else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')
  })
  expect(await ask(origin)).toBe('ok')
  await expect(ask(origin)).rejects.toThrow()
  expect(requests()).toBe(2)
})
