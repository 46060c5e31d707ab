// A model server that has lost its mind: it answers with recorded replies, damaged at any layer.
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { root } from '../support/agl.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { mutateJson } from './mutate-json.ts'
import { type Dice, diceOf } from './random.ts'

const folder = join(root, 'test', 'fixtures', 'model-servers')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
const contentsOf = (end: string): readonly Buffer[] =>
  files.filter((file) => file.endsWith(end)).map((file) => readFileSync(join(folder, file)))

/** What real clients asked of model servers. */
export const modelRequests = contentsOf('.request.json')
const replies = contentsOf('.response.json')
const streams = contentsOf('.sse')

/** Says which dice an answer is drawn with; the gateway passes it on. */
export const CASE_HEADER = 'fuzz-case'

// Not 500: it means a fault of the server under test.
const statuses = [200, 200, 200, 200, 201, 204, 206, 299, 302, 304, 400, 401, 404, 429, 503, 529, 599]
const types = [
  'text/event-stream',
  'text/event-stream; charset=utf-8',
  'application/json',
  'application/json;',
  'text/html',
  'application/octet-stream',
  ';',
]
const odd = [
  ': a comment',
  'data:',
  'data: [DONE]',
  'data: [DONE]\n\ndata: [DONE]',
  'data: null',
  'data: "text"',
  'data: {"choices":[{"index":1e9,"delta":{"content":"x"},"token_ids":[1]}]}',
  'data: {"choices":[{"index":-1,"token_ids":[1.5,-2,"3",null,9007199254740993]}]}',
  'data: {"choices":{},"prompt_token_ids":{}}',
  'event: error\ndata: {"error":{"message":"out of memory"}}',
  'event: message_delta\ndata: {"type":"message_delta","delta":null,"usage":[]}',
  'retry: -1',
  'id: \0',
  'x'.repeat(200_000),
  `data: ${'['.repeat(5000)}`,
]

/** Starts one on a free port of 127.0.0.1. */
export async function startOddUpstream(
  seed: number,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const at = Number(request.headers[CASE_HEADER] ?? 0)
    const dice = diceOf(seed, Number.isInteger(at) ? -at - 7 : 0)
    request.resume()
    request.on('error', () => {})
    response.on('error', () => {})
    // Some answer before they have read.
    const go = () => void answer(dice, response).catch(() => response.destroy())
    if (dice.once(10)) go()
    else request.once('end', go)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(dice: Dice, response: ServerResponse): Promise<void> {
  if (dice.once(15)) {
    response.socket?.end(
      dice.pick(['', 'no HTTP\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf']),
    )
    return
  }
  const isStream = dice.once(2)
  const whole = isStream ? eventsOf(dice) : replyOf(dice)
  const gzipped = dice.once(20)
  const body = gzipped ? gzipSync(whole) : whole
  const headers: Record<string, string | string[]> = {
    'content-type': dice.once(10) ? dice.pick(types) : isStream ? 'text/event-stream' : 'application/json',
    ...(gzipped ? { 'content-encoding': 'gzip' } : {}),
    ...(dice.once(15) ? { 'content-encoding': dice.pick(['gzip', 'br', 'none', '']) } : {}),
    ...(dice.once(10) ? { 'x-agl-call-id': 'mine', connection: 'close, x-odd', 'x-odd': '1' } : {}),
    ...(dice.once(20) ? { 'set-cookie': ['a=1', 'b=2'], 'x-long': 'y'.repeat(7000) } : {}),
    ...(dice.once(4) ? { 'content-length': String(body.length + (dice.once(4) ? 10 : 0)) } : {}),
  }
  response.writeHead(dice.pick(statuses), headers)
  const cut = dice.once(8) ? dice.below(body.length + 1) : body.length
  const step = dice.once(3) ? 1 + dice.below(200) : body.length
  let pieces = 0
  for (let at = 0; at < cut && !response.destroyed; at += step) {
    response.write(body.subarray(at, Math.min(cut, at + step)))
    // A pause now and then, so that pieces arrive as pieces.
    if (++pieces % 16 === 0) await sleep(1)
  }
  if (cut < body.length || dice.once(30)) response.destroy()
  else response.end()
}

function replyOf(dice: Dice): Buffer {
  const reply = dice.pick(replies)
  if (dice.once(4)) return reply
  return dice.once(4) ? mutateBytes(dice, reply, dice.pick(streams)) : mutateJson(dice, reply)
}

function eventsOf(dice: Dice): Buffer {
  const stream = dice.pick(streams)
  if (dice.once(4)) return stream
  if (dice.once(4)) return mutateBytes(dice, stream, dice.pick(replies))
  const end = dice.pick(['\n\n', '\n\n', '\r\n\r\n', '\r\r', '\n'])
  const events = stream
    .toString()
    .split('\n\n')
    .flatMap((event) => {
      const data = /^data: (\{.*\})$/m.exec(event)?.[1]
      if (dice.once(12)) return [event, dice.pick(odd)]
      if (data === undefined || !dice.once(6)) return dice.once(20) ? [] : [event]
      return [event.replace(data, () => mutateJson(dice, Buffer.from(data)).toString())]
    })
  return Buffer.from(events.join(end) + (dice.once(4) ? '' : end))
}
