// A stand-in for model servers that give token ids: what vLLM 0.32.0 sent, in its own shape, in LiteLLM's or in
// SGLang's; as those servers sent it where there is a recording. It keeps the ids of everything that it sends.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type CallTokens, extractReply } from '../../packages/agentlightning/src/token-ids/index.ts'
import { root } from './agl.ts'

/** Whose shape is spoken. */
export type Shape = 'vllm' | 'litellm' | 'sglang'

interface Choice {
  index: number
  message?: { content?: string | null }
  delta?: object
  token_ids?: number[] | null
  [key: string]: unknown
}

interface Reply {
  id: string
  choices: Choice[]
  prompt_token_ids?: number[] | null
  [key: string]: unknown
}

interface Wanted {
  readonly model: string
  readonly messages?: readonly { readonly content?: unknown }[]
  readonly stream?: boolean
  readonly n?: number
  readonly tools?: readonly unknown[]
  readonly response_format?: unknown
  readonly return_token_ids?: boolean
  readonly return_output_ids_in_sglext?: boolean
}

/** A reply that was sent. */
export interface Sent {
  readonly id: string
  /** Text of the last user message: tests put the name of the case there. */
  readonly asked: string
  readonly wanted: Wanted
  readonly tokens: CallTokens
}

/** A stand-in that listens. */
export interface TokenServer {
  /** What OPENAI_BASE_URL takes. */
  readonly url: string
  readonly sent: readonly Sent[]
  /** Requests that were refused, with status 400 for their flag. */
  readonly refused: readonly Wanted[]
  close(): Promise<void>
}

/** Starts one on a free port of 127.0.0.1. The model `status-NNN` fails with that status. */
export async function startTokenServer(shape: Shape): Promise<TokenServer> {
  const sent: Sent[] = []
  const refused: Wanted[] = []
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') return identify(shape, request.url ?? '', response)
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const wanted = withHeaders(JSON.parse(Buffer.concat(parts).toString()) as Wanted, request)
    const status = /^status-(\d{3})$/.exec(wanted.model)?.[1]
    if (status)
      return json(response, Number(status), { error: { message: `refused as ${wanted.model} asks` } })
    if (shape === 'sglang' && wanted.stream && wanted.return_token_ids && request.url?.includes('/chat/')) {
      refused.push(wanted)
      return json(response, 400, JSON.parse(recording('sglang-0.5.23/chat-stream-ids.response.json')))
    }
    const id = `chatcmpl-${String(sent.length + 1).padStart(4, '0')}`
    const replies = repliesTo(shape, request.url ?? '', wanted).map((reply) => ({ ...reply, id }))
    const body = wanted.stream
      ? `${replies.map((reply) => `data: ${JSON.stringify(reply)}\n\n`).join('')}data: [DONE]\n\n`
      : JSON.stringify(replies[0])
    sent.push({ id, asked: askedBy(wanted), wanted, tokens: extractReply(Buffer.from(body)) })
    response.writeHead(200, { 'content-type': wanted.stream ? 'text/event-stream' : 'application/json' })
    response.end(body)
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    sent,
    refused,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What tells our gateway which server this is. */
function identify(shape: Shape, url: string, response: ServerResponse): void {
  if (shape === 'litellm') response.setHeader('x-litellm-version', '1.106.2')
  if (url !== '/v1/models') return void response.writeHead(404).end()
  const owner = shape === 'litellm' ? 'openai' : shape
  json(response, 200, { object: 'list', data: [{ id: 'm', object: 'model', owned_by: owner }] })
}

/** SGLang takes its own flags as headers, too; both are always sent. */
function withHeaders(wanted: Wanted, { headers }: IncomingMessage): Wanted {
  return headers['x-sglext-return-output-ids'] === '1'
    ? { ...wanted, return_output_ids_in_sglext: true }
    : wanted
}

function recording(name: string): string {
  return readFileSync(join(root, 'test', 'fixtures', 'model-servers', name), 'utf8')
}

function repliesTo(shape: Shape, url: string, wanted: Wanted): Reply[] {
  const asks = wanted.return_token_ids === true || wanted.return_output_ids_in_sglext === true
  const own = shape === 'vllm' ? undefined : ownRecording(shape, url, wanted)
  const isOwn = own !== undefined && wanted.response_format === undefined
  const replies = isOwn ? read(own) : shaped(shape, read(vllmRecording(url, wanted)), wanted)
  const structured = replies.map((reply) => withContent(reply, wanted))
  return asks ? structured : structured.map(withoutIds).filter(({ choices }) => choices.length > 0)
}

function read(name: string): Reply[] {
  const text = recording(name)
  if (!name.endsWith('.sse')) return [JSON.parse(text) as Reply]
  const lines = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, line]) => line as string)
  return lines.map((line) => JSON.parse(line) as Reply)
}

function vllmRecording(url: string, { stream, n = 1, tools }: Wanted): string {
  const name = url.includes('/chat/')
    ? tools
      ? ['chat-tool-auto-ids', 'chat-tool-auto-stream-ids']
      : n > 1
        ? ['chat-ids-temp1-n2', 'chat-stream-ids-n2']
        : ['chat-ids', 'chat-stream-ids']
    : ['completions-ids', 'completions-stream-ids']
  return `vllm-0.32.0/${stream ? `${name[1]}.sse` : `${name[0]}.response.json`}`
}

/** What LiteLLM and SGLang themselves sent, where that was recorded. */
function ownRecording(shape: Shape, url: string, { stream, n = 1, tools }: Wanted): string | undefined {
  if (!url.includes('/chat/') || n > 1) return undefined
  if (shape === 'sglang') {
    if (tools) return undefined
    return `sglang-0.5.23/${stream ? 'chat-stream-sglext.sse' : 'chat-ids.response.json'}`
  }
  if (tools) return stream ? 'litellm-1.106.2/hv-chat-stream-tool-ids.sse' : undefined
  return `litellm-1.106.2/${stream ? 'hv-chat-stream-ids.sse' : 'hv-chat-ids.response.json'}`
}

/** vLLM's reply as another server would give it; with a third choice where three are asked for. */
function shaped(shape: Shape, replies: readonly Reply[], wanted: Wanted): Reply[] {
  const all =
    wanted.n === 3 ? replies.flatMap((reply) => thirdChoice(reply, wanted.stream === true)) : replies
  if (shape === 'vllm') return [...all]
  if (shape === 'litellm') return all.map((reply) => ({ ...reply, choices: reply.choices.map(asLitellm) }))
  if (!wanted.stream)
    return all.map(({ prompt_token_ids, ...reply }) => ({
      ...reply,
      choices: reply.choices.map(({ token_ids, ...choice }) => ({
        prompt_token_ids: prompt_token_ids ?? choice.prompt_token_ids,
        ...choice,
        response_token_ids: token_ids,
      })),
    }))
  const ids: number[][] = []
  for (const { index, token_ids } of all.flatMap(({ choices }) => choices))
    ids[index] = [...(ids[index] ?? []), ...(token_ids ?? [])]
  const input_ids = all.find((reply) => reply.prompt_token_ids)?.prompt_token_ids
  const sglext = { input_ids: input_ids ?? all[0]?.choices[0]?.prompt_token_ids, output_ids: ids }
  return [...all.map(withoutIds), { ...(all[0] as Reply), ...withoutIds({ id: '', choices: [] }), sglext }]
}

function asLitellm({ token_ids, ...choice }: Choice): Choice {
  return token_ids ? { ...choice, provider_specific_fields: { token_ids, stop_reason: null } } : choice
}

function thirdChoice(reply: Reply, streamed: boolean): Reply[] {
  const second = reply.choices.find(({ index }) => index === 1)
  if (!second) return [reply]
  const third = { ...second, index: 2, token_ids: second.token_ids?.map((id) => id + 1000) ?? null }
  if (streamed) return [reply, { ...reply, choices: [third] }]
  return [{ ...reply, choices: [...reply.choices, third] }]
}

function withContent(reply: Reply, { response_format }: Wanted): Reply {
  if (response_format === undefined) return reply
  const choices = reply.choices.map((choice) => ({
    ...choice,
    message: { ...choice.message, content: '{"answer":7}' },
  }))
  return { ...reply, choices }
}

/** What the servers send without the flag. */
function withoutIds(reply: Reply): Reply {
  const { prompt_token_ids: _prompt, sglext, ...rest } = reply
  const choices = sglext ? [] : reply.choices.map(bare)
  return { ...rest, choices }
}

function bare(choice: Choice): Choice {
  const dropped = ['token_ids', 'response_token_ids', 'prompt_token_ids', 'provider_specific_fields']
  const kept = Object.entries(choice).filter(([key]) => !dropped.includes(key))
  return Object.fromEntries(kept) as Choice
}

function askedBy({ messages }: Wanted): string {
  const texts = (messages ?? [])
    .map(({ content }) => content)
    .filter((content) => typeof content === 'string')
  return texts.find((text) => text.startsWith('case ')) ?? ''
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
