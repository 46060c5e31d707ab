// A stand-in for model servers: a real HTTP server that replays recorded replies. Who asks for token ids gets the
// recording as it is; who does not gets what the server sends unasked.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { root } from '../support/agl.ts'

/** Which server is played. */
export type Played = 'vllm' | 'transformers' | 'sglang'

interface Wanted {
  readonly model?: string
  readonly stream?: boolean
  readonly n?: number
  readonly tools?: readonly unknown[]
  readonly logprobs?: unknown
  readonly return_token_ids?: boolean
}

/** A request as the stand-in got it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A stand-in that listens. */
export interface StandIn {
  /** Without a path. */
  readonly url: string
  /** Requests for models, without those that only ask what the server is. */
  readonly seen: Seen[]
  /** Connections that ended before their reply did. */
  cutOff: number
  /** Decides on the size of the pieces of a reply, in bytes; default: one piece. */
  chunk: () => number
  /** Milliseconds between the pieces. */
  pauseMs: number
  /** As behind a proxy that removes token ids. */
  withoutIds: boolean
  close(): Promise<void>
}

const versions: Readonly<Record<Played, string>> = {
  vllm: 'vllm-0.32.0',
  transformers: 'vllm-0.32.0',
  sglang: 'sglang-0.5.23',
}

/** Reads a recording of a model server. */
export function recording(server: string, name: string): string {
  return readFileSync(join(root, 'test', 'fixtures', 'model-servers', server, name), 'utf8')
}

/** Starts one on a free port of 127.0.0.1. */
export async function startStandIn(played: Played = 'vllm'): Promise<StandIn> {
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const self: StandIn = {
    url: `http://127.0.0.1:${port}`,
    seen: [],
    cutOff: 0,
    chunk: () => Number.POSITIVE_INFINITY,
    pauseMs: 0,
    withoutIds: false,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts).toString()
    const url = request.url ?? '/'
    response.on('close', () => {
      if (!response.writableFinished) self.cutOff++
    })
    if (request.method === 'GET') return identify(url, response)
    self.seen.push({ method: request.method ?? '', url, headers: request.headers, body })
    if (!url.startsWith('/v1/')) return send(response, 200, 'text/plain', `${request.method} ${url} ${body}`)
    let wanted: Wanted
    try {
      wanted = JSON.parse(body) as Wanted
    } catch {
      return send(response, 400, 'application/json', recording('vllm-0.32.0', 'err-bad-json.response.json'))
    }
    if (wanted.model && (await misbehave(wanted.model, response))) return
    if (played === 'transformers' && 'return_token_ids' in wanted)
      return send(
        response,
        422,
        'application/json',
        recording('transformers-serve-5.19.0', 'chat-ids-422.response.json'),
      )
    if (played === 'sglang' && wanted.stream && 'return_token_ids' in wanted)
      return send(
        response,
        400,
        'application/json',
        recording('sglang-0.5.23', 'chat-stream-ids.response.json'),
      )
    if (wanted.model === 'too-long')
      return send(response, 400, 'application/json', recording('vllm-0.32.0', 'err-too-long.response.json'))
    const name = played === 'sglang' && wanted.stream ? 'chat-stream.sse' : replyTo(url, wanted)
    const isStream = name.endsWith('.sse')
    const whole = recording(versions[played], name)
    const text = wanted.return_token_ids && !self.withoutIds ? whole : unasked(whole)
    await send(response, 200, isStream ? 'text/event-stream; charset=utf-8' : 'application/json', text)
  }

  function identify(url: string, response: ServerResponse): Promise<void> {
    if (url === '/v1/models' && played !== 'transformers')
      return send(
        response,
        200,
        'application/json',
        played === 'vllm'
          ? recording('vllm-0.32.0', 'models.response.json')
          : '{"object":"list","data":[{"id":"tiny","object":"model","owned_by":"sglang"}]}',
      )
    return send(response, 404, 'application/json', '{"detail":"Not Found"}')
  }

  async function misbehave(model: string, response: ServerResponse): Promise<boolean> {
    if (model === 'dies') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(recording('vllm-0.32.0', 'chat-stream-ids.sse').slice(0, 700))
      await sleep(250)
      response.destroy()
    } else if (model === 'half') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' })
      response.write('{"id":"chatcmpl-1","choices":[{"index":0,')
      await sleep(250)
      response.destroy()
    } else if (model === 'garbage') {
      response.socket?.end('this is no HTTP\r\n\r\n\u0000\u0001\u0002')
    } else if (model === 'odd-json') {
      await send(response, 200, 'application/json', '{"id": [}} "token_ids":[1,2] \u0000')
    } else if (model === 'silent') {
      await sleep(600_000, undefined, { ref: false })
    } else if (model.startsWith('pauses-')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const text = unasked(recording('vllm-0.32.0', 'chat-stream-ids.sse'))
      const middle = text.indexOf('\n\n') + 2
      response.write(text.slice(0, middle))
      await sleep(Number(model.slice('pauses-'.length)))
      response.end(text.slice(middle))
    } else if (model.startsWith('status-')) {
      await send(
        response,
        Number(model.slice('status-'.length)),
        'application/json',
        '{"error":{"message":"no"}}',
      )
    } else return false
    return true
  }

  async function send(response: ServerResponse, status: number, type: string, text: string): Promise<void> {
    const bytes = Buffer.from(text)
    const headers = { 'content-type': type, 'x-request-cost': '7', 'set-cookie': ['a=1', 'b=2'] }
    // As the servers do: plain replies say their length, streams cannot.
    const length = type.startsWith('text/event-stream') ? {} : { 'content-length': bytes.length }
    response.writeHead(status, { ...headers, ...length })
    for (let at = 0; at < bytes.length; ) {
      const size = Math.max(1, Math.min(bytes.length - at, self.chunk()))
      response.write(bytes.subarray(at, at + size))
      at += size
      if (at < bytes.length) await (self.pauseMs > 0 ? sleep(self.pauseMs) : nextTurn())
    }
    response.end()
  }

  return self
}

/** The recording that suits a request. */
function replyTo(url: string, { stream, n, tools, logprobs }: Wanted): string {
  if (url.endsWith('/messages')) return stream ? 'messages-stream.sse' : 'messages-plain.response.json'
  if (url.endsWith('/responses')) return 'responses-plain.response.json'
  if (url.endsWith('/chat/completions')) {
    if (tools) return stream ? 'chat-tool-auto-stream-ids.sse' : 'chat-tool-auto-ids.response.json'
    if (n && n > 1) return stream ? 'chat-stream-ids-n2.sse' : 'chat-ids-temp1-n2.response.json'
    if (logprobs) return stream ? 'chat-stream-ids-logprobs.sse' : 'chat-ids-logprobs.response.json'
    return stream ? 'chat-stream-ids.sse' : 'chat-ids.response.json'
  }
  return stream ? 'completions-stream-ids.sse' : 'completions-ids.response.json'
}

/** What vLLM sends without the flag: null in place of ids, and no chunk that has nothing else to say. */
export function unasked(text: string): string {
  return text
    .split(/(?<=\n\n)/)
    .filter((event) => !/"delta":\{\}.*"finish_reason":null/.test(event))
    .join('')
    .replaceAll(/"(token_ids|prompt_token_ids)":\[[\d,]*\]/g, '"$1":null')
}
