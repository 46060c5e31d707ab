// A stand-in for an OpenAI-compatible model server, for tests: deterministic, on loopback. It speaks
// `POST /v1/chat/completions`, plain and streamed (https://platform.openai.com/docs/api-reference/chat),
// `POST /v1/responses`, the same, and `POST /v1/embeddings`.
//
// The model `status-NNN` answers with that HTTP status. A request that offers tools and holds no tool result
// yet gets a call of the first tool; one that asks for JSON gets JSON; anything else gets its last message back.
// The models `deep-…` say how many of their tokens were cached and how many were reasoning.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type EmbeddingsRequest,
  embeddings,
  type ResponsesRequest,
  responsesEvents,
  responsesReply,
} from './model-replies.ts'

interface ChatMessage {
  role: string
  content?: unknown
}

interface ChatRequest {
  model: string
  messages: ChatMessage[]
  tools?: { function: { name: string } }[]
  stream?: boolean
  stream_options?: { include_usage?: boolean }
  n?: number
  response_format?: { type: string }
}

/** A stand-in that listens. */
export interface ModelServer {
  /** What OPENAI_BASE_URL takes. */
  readonly url: string
  /** The chat requests received so far, oldest first. */
  readonly requests: readonly ChatRequest[]
  close(): Promise<void>
}

/** Starts the stand-in on a free port of 127.0.0.1. */
export async function startModelServer(): Promise<ModelServer> {
  const requests: ChatRequest[] = []
  const server = createServer((request, response) => {
    void answer(request, response, requests)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  requests: ChatRequest[],
): Promise<void> {
  const body = await readAll(request)
  const route = request.method === 'POST' ? /^\/v1\/(chat\/completions|responses|embeddings)$/ : /^$/
  const [, kind] = route.exec(request.url ?? '') ?? []
  if (kind === undefined)
    return sendJson(response, 404, failure(`no such route: ${request.method} ${request.url}`))
  const { model } = JSON.parse(body) as { model: string }
  const status = /^status-(\d{3})$/.exec(model)?.[1]
  if (kind === 'chat/completions') requests.push(JSON.parse(body) as ChatRequest)
  if (status) return sendJson(response, Number(status), failure(`refused as ${model} asks`))
  if (kind === 'embeddings') return sendJson(response, 200, embeddings(JSON.parse(body) as EmbeddingsRequest))
  if (kind === 'responses')
    return sendResponses(response, JSON.parse(body) as ResponsesRequest, `resp_${randomUUID()}`)
  const chat = JSON.parse(body) as ChatRequest
  const id = `chatcmpl-${String(requests.length).padStart(4, '0')}`
  if (chat.stream) sendStream(response, id, chat)
  else sendJson(response, 200, completion(id, chat))
}

function completion(id: string, chat: ChatRequest): unknown {
  const reply = replyTo(chat)
  const choices = Array.from({ length: chat.n ?? 1 }, (_, index) => {
    const content = index === 0 ? reply.text : `${reply.text} (${index + 1})`
    const message = { role: 'assistant', content, refusal: null, ...toolCalls(reply, false) }
    return { index, message, logprobs: null, finish_reason: finishReason(reply) }
  })
  return {
    ...envelope(id, 'chat.completion', chat),
    choices,
    usage: usage(chat, reply),
  }
}

function sendStream(response: ServerResponse, id: string, chat: ChatRequest): void {
  const reply = replyTo(chat)
  const words = reply.text?.match(/\S+\s*/g) ?? []
  const deltas: unknown[] = [
    { role: 'assistant', content: reply.text === null ? null : '' },
    ...words.map((content) => ({ content })),
    ...(reply.tool ? [toolCalls(reply, true)] : []),
  ]
  const chunks = deltas.map((delta) => [
    { index: 0, delta, logprobs: null, finish_reason: null as string | null },
  ])
  chunks.push([{ index: 0, delta: {}, logprobs: null, finish_reason: finishReason(reply) }])
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const choices of chunks)
    sendEvent(response, { ...envelope(id, 'chat.completion.chunk', chat), choices })
  if (chat.stream_options?.include_usage)
    sendEvent(response, {
      ...envelope(id, 'chat.completion.chunk', chat),
      choices: [],
      usage: usage(chat, reply),
    })
  response.end('data: [DONE]\n\n')
}

interface Reply {
  /** Null when the reply is a tool call. */
  text: string | null
  tool: string | undefined
}

function replyTo(chat: ChatRequest): Reply {
  const answered = chat.messages.some((message) => message.role === 'tool')
  const tool = answered ? undefined : chat.tools?.[0]?.function.name
  if (!tool && chat.response_format?.type.startsWith('json'))
    return { text: '{"city":"Zürich","degrees":21}', tool }
  return { text: tool ? null : `You said: ${contentOf(chat.messages.at(-1))}`, tool }
}

function toolCalls(reply: Reply, streamed: boolean): object {
  if (!reply.tool) return {}
  const call = {
    id: `call_${reply.tool}`,
    type: 'function',
    function: { name: reply.tool, arguments: '{"city":"Zürich"}' },
  }
  return { tool_calls: [streamed ? { index: 0, ...call } : call] }
}

function finishReason(reply: Reply): string {
  return reply.tool ? 'tool_calls' : 'stop'
}

/** One token a word: exact, and easy to check. */
function usage(chat: ChatRequest, reply: Reply): object {
  const prompt = countWords(chat.messages.map(contentOf).join(' '))
  const completionTokens = reply.tool ? 7 : countWords(reply.text ?? '')
  return {
    prompt_tokens: prompt,
    completion_tokens: completionTokens,
    total_tokens: prompt + completionTokens,
    ...(chat.model.startsWith('deep-')
      ? {
          prompt_tokens_details: { cached_tokens: 2, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0 },
        }
      : {}),
  }
}

function sendResponses(response: ServerResponse, asked: ResponsesRequest, id: string): void {
  if (!asked.stream) {
    sendJson(response, 200, responsesReply(asked, id))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of responsesEvents(asked, id))
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  response.end()
}

function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length
}

function contentOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? ''
  return typeof content === 'string' ? content : JSON.stringify(content)
}

function envelope(id: string, object: string, chat: ChatRequest): object {
  return { id, object, created: 1_750_000_000, model: `${chat.model}-2026`, system_fingerprint: 'fp_test' }
}

function failure(message: string): unknown {
  return { error: { message, type: 'server_error', param: null, code: null } }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

function sendEvent(response: ServerResponse, value: unknown): void {
  response.write(`data: ${JSON.stringify(value)}\n\n`)
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
