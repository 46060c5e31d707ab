// node raw-append.ts PORT FILE: appends each POSTed body to FILE and answers 200 once it is flushed. All bodies
// that wait share one write and one flush. No scan, no index, no record format: what the disk and node:http allow.
import { open } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'

const [port, path] = process.argv.slice(2)
const file = await open(path as string, 'w')
/** The most buffers that one writev takes (IOV_MAX). */
const MOST_PARTS = 1024

let waiting: { readonly parts: Buffer[]; readonly response: ServerResponse }[] = []
let flushing = false

const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    if (request.method === 'POST') {
      waiting.push({ parts, response })
      if (!flushing) void flush()
    } else {
      response.end('ok')
    }
  })
})
server.listen(Number(port), '127.0.0.1')

process.on('SIGTERM', () => process.exit(0))

async function flush(): Promise<void> {
  flushing = true
  // What arrives in the same turn shares the first group.
  await Promise.resolve()
  while (waiting.length > 0) {
    const group = waiting
    waiting = []
    const parts = group.flatMap((item) => item.parts)
    for (let at = 0; at < parts.length; at += MOST_PARTS) await file.writev(parts.slice(at, at + MOST_PARTS))
    await file.datasync()
    for (const { response } of group) response.setHeader('content-length', 0).end()
  }
  flushing = false
}
