// Listens to the body of a response while the program reads it: as it reads, no further and no faster. The response
// stays the object that `fetch` gave, with the members that read its body replaced on it.
import type { Readable } from 'node:stream'

/** Who listens. What it throws is dropped. */
export interface TapSink {
  /** The next bytes. They may be changed after the call. */
  chunk(bytes: Uint8Array): void
  /** The body as text, in place of its bytes. */
  text(text: string): void
  /** The body as the program got it parsed, in place of its bytes. */
  value(json: unknown): void
  /** No more will come. `whole`: the body was read to its end. Called once. */
  end(whole: boolean): void
}

/** Begins to listen, before anyone has read from the body. */
export function tapResponse(response: Response, listener: TapSink): void {
  const sink = guarded(listener)
  const nodeBody = nodeStreamOf(response)
  if (nodeBody) tapNodeStream(nodeBody, sink)
  else tapWebResponse(response, sink)
}

function tapWebResponse(response: Response, sink: TapSink): void {
  const body = inherited(response, 'body')?.get
  if (!body) return
  const source = (): ReadableStream<Uint8Array> | null => body.call(response)
  let tapped: ReadableStream<Uint8Array> | undefined
  define(response, 'body', {
    get: () => {
      const stream = source()
      // A body that was read by other means is shown as it is.
      if (!stream || (stream.locked && !tapped)) return stream
      tapped ??= tappedStream(source, stream, sink)
      return tapped
    },
  })
  replaceReader(response, 'text', (text) => sink.text(text as string), sink)
  replaceReader(response, 'json', (json) => sink.value(json), sink)
  replaceReader(response, 'arrayBuffer', (bytes) => sink.chunk(new Uint8Array(bytes as ArrayBuffer)), sink)
  replaceReader(response, 'bytes', (bytes) => sink.chunk(bytes as Uint8Array), sink)
  replaceReader(
    response,
    'blob',
    async (b) => sink.chunk(new Uint8Array(await (b as Blob).arrayBuffer())),
    sink,
  )
}

/** Lets the sink hear what a method such as `text()` gives. */
function replaceReader(
  response: Response,
  name: string,
  hear: (value: unknown) => void | Promise<void>,
  sink: TapSink,
): void {
  const original = inherited(response, name)?.value as (() => Promise<unknown>) | undefined
  if (!original) return
  const value = async (): Promise<unknown> => {
    // A second read fails, which says nothing of the first one: that may not have ended.
    const again = response.bodyUsed
    try {
      const read = await original.call(response)
      await hear(read)
      sink.end(true)
      return read
    } catch (error) {
      if (!again) sink.end(false)
      throw error
    }
  }
  define(response, name, { value, writable: true })
}

function tappedStream(
  source: () => ReadableStream<Uint8Array> | null,
  first: ReadableStream<Uint8Array>,
  sink: TapSink,
): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const open = (): ReadableStreamDefaultReader<Uint8Array> => {
    // `clone()` puts another stream in place of the one that was there when the program asked for it.
    reader ??= (source() ?? first).getReader()
    return reader
  }
  const pull = async (controller: ReadableByteStreamController | ReadableStreamDefaultController) => {
    let next: Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>
    try {
      next = await open().read()
    } catch (error) {
      sink.end(false)
      throw error
    }
    if (next.done) {
      sink.end(true)
      controller.close()
      if ('byobRequest' in controller) controller.byobRequest?.respond(0)
      return
    }
    sink.chunk(next.value)
    controller.enqueue(next.value as Uint8Array<ArrayBuffer>)
  }
  const cancel = (reason: unknown): Promise<void> => {
    sink.end(false)
    return open().cancel(reason)
  }
  const strategy = { highWaterMark: 0 }
  return isByteStream(first)
    ? new ReadableStream({ type: 'bytes', pull, cancel }, strategy)
    : new ReadableStream<Uint8Array>({ pull, cancel }, strategy)
}

function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}

/** The body of a response of `node-fetch`, which is a stream of Node. */
function nodeStreamOf(response: Response): Readable | undefined {
  const body = response.body as unknown as Readable | null
  return typeof body?.emit === 'function' && typeof body.pipe === 'function' ? body : undefined
}

// Whoever reads, and however: what is read is emitted. What the stream holds already was not yet.
function tapNodeStream(body: Readable, sink: TapSink): void {
  const emit = body.emit
  define(body, 'emit', {
    writable: true,
    value(event: string | symbol, ...values: unknown[]): boolean {
      const [chunk] = values
      if (event === 'data' && chunk instanceof Uint8Array) sink.chunk(chunk)
      else if (event === 'data' && typeof chunk === 'string') sink.chunk(Buffer.from(chunk))
      else if (event === 'end') sink.end(true)
      else if (event === 'close') sink.end(false)
      return emit.call(body, event, ...values)
    },
  })
}

function guarded(sink: TapSink): TapSink {
  let ended = false
  const quietly = (work: () => void): void => {
    try {
      if (!ended) work()
    } catch {
      // The program reads on.
    }
  }
  return {
    chunk: (bytes) => quietly(() => sink.chunk(bytes)),
    text: (text) => quietly(() => sink.text(text)),
    value: (json) => quietly(() => sink.value(json)),
    end: (whole) =>
      quietly(() => {
        ended = true
        sink.end(whole)
      }),
  }
}

function inherited(object: object, name: string): PropertyDescriptor | undefined {
  for (let at: object | null = object; at; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found) return found
  }
  return undefined
}

function define(object: object, name: string, descriptor: PropertyDescriptor): void {
  Object.defineProperty(object, name, { ...descriptor, configurable: true, enumerable: false })
}
