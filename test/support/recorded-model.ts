// A model server for tests of the hooks: it answers with recordings of real servers, under an id of its own per
// reply, so that what it sent can be compared with what was stored.
//
// The model names the recording: `vllm-0.32.0/chat-ids`. Who does not ask for ids gets the reply without; the
// recordings of SGLang and of transformers refuse the flag where those servers do. `status-NNN` is an error.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { unasked } from '../gateway/stand-in.ts'
import { root } from './agl.ts'

interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly n?: number
  readonly return_token_ids?: boolean
}

/** A reply as it was sent. */
export interface SentReply {
  readonly asked: Asked
  readonly status: number
  /** The id that it carries; empty for an error. */
  readonly id: string
  readonly body: string
}

/** A server that listens. */
export interface RecordedModel {
  /** What OPENAI_BASE_URL takes. */
  readonly url: string
  /** Oldest first. */
  readonly sent: SentReply[]
  close(): Promise<void>
}

/** Starts one on a free port of 127.0.0.1. */
export async function startRecordedModel(): Promise<RecordedModel> {
  const sent: SentReply[] = []
  const server = createServer((request, response) => {
    void answer(request, response, sent)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    sent,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, sent: SentReply[]): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const asked = JSON.parse(Buffer.concat(parts).toString()) as Asked
  const { status, body, id } = replyTo(asked, `reply-${sent.length + 1}`)
  sent.push({ asked, status, id, body })
  const streamed = status === 200 && asked.stream === true
  response.writeHead(status, { 'content-type': streamed ? 'text/event-stream' : 'application/json' })
  // In pieces that end anywhere.
  for (let at = 0; at < body.length; at += 700) response.write(body.slice(at, at + 700))
  response.end()
}

function replyTo(asked: Asked, id: string): { status: number; body: string; id: string } {
  const failing = /^status-(\d+)$/.exec(asked.model)?.[1]
  if (failing)
    return { status: Number(failing), body: '{"error":{"message":"as planned","type":"bad"}}', id: '' }
  const flagged = asked.return_token_ids !== undefined
  if (flagged && asked.stream && asked.model.startsWith('sglang') && asked.model.includes('/chat'))
    return { status: 400, body: recording('sglang-0.5.23/chat-stream-ids', false), id: '' }
  if (flagged && asked.model.startsWith('transformers'))
    return { status: 422, body: recording('transformers-serve-5.19.0/chat-ids-422', false), id: '' }
  const plainName = asked.model.replace('transformers-serve-5.19.0', 'vllm-0.32.0')
  const text = recording(plainName, asked.stream === true)
  const old = /"id":"((?:chatcmpl|cmpl|resp)-?[^"]+|[0-9a-f]{32})"/.exec(text)?.[1] ?? ''
  const named = text.replaceAll(`"id":"${old}"`, `"id":"${id}"`)
  const body = withChoices(named, asked)
  return { status: 200, body: flagged ? body : unasked(body), id }
}

/** No recording has three choices: the second one again, with other ids. */
function withChoices(text: string, { n, stream }: Asked): string {
  if (n !== 3 || stream) return text
  const reply = JSON.parse(text) as { choices: { index: number; token_ids: number[] }[] }
  const [, second] = reply.choices
  if (!second) throw new Error('the recording has one choice only')
  reply.choices.push({ ...second, index: 2, token_ids: [7, 8, 9] })
  return JSON.stringify(reply)
}

function recording(name: string, streamed: boolean): string {
  const file = `${name}${streamed ? '.sse' : '.response.json'}`
  return readFileSync(join(root, 'test', 'fixtures', 'model-servers', file), 'utf8')
}
