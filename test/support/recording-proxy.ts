// Stands before a real model server and keeps what it answered, as it was sent: what a recorder must agree with.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An answer of the server, and what it was asked. */
export interface Passed {
  readonly path: string
  readonly asked: string
  readonly status: number
  readonly body: string
}

/** A proxy that listens. */
export interface RecordingProxy {
  /** Without a path. */
  readonly url: string
  /** Answers to POST requests, in the order of their ends. */
  readonly passed: Passed[]
  close(): Promise<void>
}

/** Starts one on a free port of 127.0.0.1. Nothing of requests and answers is changed. */
export async function startRecordingProxy(upstream: { readonly port: number }): Promise<RecordingProxy> {
  const passed: Passed[] = []
  const server = createServer((incoming, outgoing) => {
    void pass(upstream.port, incoming, outgoing, passed).catch(() => outgoing.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function pass(
  port: number,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  passed: Passed[],
): Promise<void> {
  const { method = 'GET', url: path = '/', headers } = incoming
  const asked = await whole(incoming)
  // No kept connection: some servers close theirs after each stream.
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }).end(asked)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const status = answer.statusCode ?? 0
  outgoing.writeHead(status, answer.headers)
  const parts: Buffer[] = []
  for await (const part of answer) {
    parts.push(part as Buffer)
    outgoing.write(part)
  }
  // Before the last byte: who has the answer finds it here.
  if (method === 'POST')
    passed.push({ path, asked: asked.toString(), status, body: Buffer.concat(parts).toString() })
  outgoing.end()
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
