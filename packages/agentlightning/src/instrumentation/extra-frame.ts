// Takes the frame with the ids, which the hooks asked SGLang for, out of the stream that the program reads.
import { pipeline, type Readable, Transform } from 'node:stream'
import { INPUT_IDS, OUTPUT_IDS, sglangRules } from '../gateway/bytes/rules/sglang.ts'
import { StreamCutter } from '../gateway/bytes/stream-cutter.ts'
import type { CutRules } from '../gateway/bytes/types.ts'

const rules = sglangRules('chat', { streamed: true, added: [INPUT_IDS, OUTPUT_IDS] }) as CutRules

/**
 * A response like the given one whose body lacks that frame. Whoever listens to the given one still hears it.
 *
 * @throws what the class of the response throws; the given one is untouched then
 */
export function withoutExtraFrame(response: Response): Response {
  const cutter = new StreamCutter(rules)
  const Made = response.constructor as typeof Response
  const { status, statusText, headers, url, redirected } = response
  const body = response.body as unknown as Readable | ReadableStream<Uint8Array> | null
  if (!body) return response
  if (!(body instanceof ReadableStream)) {
    const cut = new Transform({
      transform: (chunk: Uint8Array, _, done) => done(null, Buffer.concat(cutter.push(chunk))),
      flush: (done) => done(null, Buffer.concat(cutter.end())),
    })
    // The class of `node-fetch` takes the address, too.
    const made = new Made(cut as never, { status, statusText, headers, url } as ResponseInit)
    pipeline(body, cut, () => {})
    return made
  }
  const made = new Made(cutStream(body, cutter) as ReadableStream<Uint8Array<ArrayBuffer>>, {
    status,
    statusText,
    headers,
  })
  Object.defineProperties(made, {
    url: { value: url, configurable: true },
    redirected: { value: redirected, configurable: true },
  })
  return made
}

/** The stream without the frame: read as it is read, no further, and by bytes where the reader wants that. */
function cutStream(body: ReadableStream<Uint8Array>, cutter: StreamCutter): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const open = (): ReadableStreamDefaultReader<Uint8Array> => {
    reader ??= body.getReader()
    return reader
  }
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        for (let given = false; !given; ) {
          const next = await open().read()
          for (const part of next.done ? cutter.end() : cutter.push(next.value)) {
            if (part.length === 0) continue
            // Parts share the memory of their chunk, which a stream of bytes takes away with the first of them.
            controller.enqueue(part.slice())
            given = true
          }
          if (!next.done) continue
          controller.close()
          controller.byobRequest?.respond(0)
          return
        }
      },
      cancel: (reason) => open().cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
