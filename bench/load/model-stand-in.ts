// Entry of a process that stands in for vLLM: PORT. It answers at once, so that what is measured is what stands before
// it. A message that says so gets 120,000 prompt ids and 16,000 response ids with log probabilities, asked for or not;
// streams send 200 events, one each 20 ms.
import { createServer } from 'node:http'

const EVENTS = 200
const EVENT_MS = 20

let count = 0

const ids = (length: number) => JSON.stringify(Array.from({ length }, (_, at) => (at * 7919) % 150_000))

function reply(content: string, prompt: number, response: number, logprobs: string): Buffer {
  return Buffer.from(
    `{"id":"chatcmpl-0000000000","object":"chat.completion","created":1795000000,"model":"tiny","choices":[{"index":0,` +
      `"message":{"role":"assistant","content":"${content}"},"logprobs":${logprobs},"finish_reason":"stop",` +
      `"stop_reason":null,"token_ids":${ids(response)}}],"usage":{"prompt_tokens":${prompt},` +
      `"completion_tokens":${response},"total_tokens":${prompt + response}},"prompt_token_ids":${ids(prompt)}}`,
  )
}

const token = '{"token":"abc","logprob":-0.123456,"bytes":[97,98,99],"top_logprobs":[]}'
const small = reply('Hello, how can I help you today?', 60, 9, 'null')
const large = reply('x', 120_000, 16_000, `{"content":[${Array<string>(16_000).fill(token).join(',')}]}`)

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    const known = request.url === '/v1/models'
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' })
    response.end('{"object":"list","data":[{"id":"tiny","object":"model","owned_by":"vllm"}]}')
    return
  }
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const asked = Buffer.concat(parts)
    const id = `chatcmpl-${1e9 + count++}`
    if (/"stream": ?true/.test(asked.toString('latin1'))) {
      const withIds = /"return_token_ids": ?true/.test(asked.toString('latin1'))
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      let sent = 0
      const timer = setInterval(() => {
        if (sent++ < EVENTS) response.write(event(id, sent, withIds))
        else {
          clearInterval(timer)
          response.end('data: [DONE]\n\n')
        }
      }, EVENT_MS)
      response.once('close', () => clearInterval(timer))
      return
    }
    const body = Buffer.from(asked.includes('large bodies') ? large : small)
    body.write(id, body.indexOf('chatcmpl-'))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  })
})

function event(id: string, at: number, withIds: boolean): string {
  const end = at === EVENTS ? '"stop"' : 'null'
  return (
    `data: {"id":"${id}","object":"chat.completion.chunk","created":1795000000,"model":"tiny","choices":[{"index":0,` +
    `"delta":{"content":"word "},"logprobs":null,"finish_reason":${end},"token_ids":${withIds ? `[${at}]` : null}}]}\n\n`
  )
}

server.listen(Number(process.argv[2]), '127.0.0.1')
