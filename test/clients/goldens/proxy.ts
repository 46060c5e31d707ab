// A proxy between a client and a server that keeps what the client sent, byte for byte.
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it went by, and the status of its answer. */
export interface Passed {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly status: number
}

/** A proxy that listens. */
export interface RecordingProxy {
  readonly url: string
  readonly passed: readonly Passed[]
  close(): Promise<void>
}

/** Headers of one connection only, and those that `fetch` writes itself. */
const ownHeaders = new Set([
  'connection',
  'keep-alive',
  'host',
  'content-length',
  'transfer-encoding',
  'expect',
])

/** Starts a proxy to `target` on a free port of 127.0.0.1. */
export async function startProxy(target: string): Promise<RecordingProxy> {
  const passed: Passed[] = []
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request
    const body = await readAll(request)
    const kept = Object.entries(headers).filter(([name]) => !ownHeaders.has(name)) as [string, string][]
    const answer = await fetch(`${target}${url}`, {
      method,
      headers: kept,
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    })
    passed.push({ method, url, headers, body, status: answer.status })
    const type = answer.headers.get('content-type')
    response.writeHead(answer.status, type === null ? {} : { 'content-type': type })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
