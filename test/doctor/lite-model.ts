// A proxy in front of a model server that loses token ids: replies of LiteLLM as they were recorded.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { recording } from '../gateway/stand-in.ts'

/** Starts one on a free port; every stream is one recording, every other reply another. */
export async function startLiteModel(): Promise<{ url: string; close(): Promise<void> }> {
  const plain = recording('litellm-1.106.2', 'hv-chat-plain.response.json')
  const streamed = recording('litellm-1.106.2', 'oai-chat-stream-ids.sse')
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    if (request.method === 'GET') {
      response.writeHead(404).end('{}')
      return
    }
    const { stream = false } = JSON.parse(Buffer.concat(parts).toString()) as { stream?: boolean }
    response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
    response.end(stream ? streamed : plain)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
