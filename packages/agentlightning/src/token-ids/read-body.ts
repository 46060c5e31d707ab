// A reply's body as JSON objects: one for a plain reply, one per frame of a stream. Which of them it is, its
// content says; servers and proxies send wrong content types.
import { parseShallow } from '../trace/nesting.ts'
import { describe, type JsonObject, objectOf } from './json.ts'
import type { Problems } from './problems.ts'
import { type SseEvent, SseParser } from './sse-parser.ts'
import type { CallDialect } from './types.ts'

/** What is known about a body besides its bytes; all of it optional. */
export interface BodyFacts {
  readonly contentType?: string
  /** Not needed so far: every reply says itself which API it is of. */
  readonly dialect?: CallDialect
  /** Whether the request asked for a stream. */
  readonly streamed?: boolean
  /** The transport said that the body is whole: then a stream needs no end marker beside its finish reasons. */
  readonly ended?: boolean
}

/** Where the objects of a body go. */
export interface BodySink {
  /** A plain reply, or one element of a list of them with its place. */
  reply(object: JsonObject, at: number): void
  /** One frame of a stream. `event` is the name that the stream gives it. */
  frame(object: JsonObject, event?: string): void
}

/** How a body was read. */
export interface BodyEnd {
  readonly streamed: boolean
  /** A plain body could be parsed, or a stream has its `[DONE]`. */
  readonly whole: boolean
}

/** Reads a stream of events as it comes, in chunks cut anywhere. */
export class EventReader {
  readonly #parser = new SseParser()
  readonly #sink: BodySink
  readonly #problems: Problems
  /** `[DONE]` has come. */
  done = false

  constructor(sink: BodySink, problems: Problems) {
    this.#sink = sink
    this.#problems = problems
  }

  push(chunk: Uint8Array): void {
    for (const event of this.#parser.push(chunk)) this.#take(event)
  }

  end(): void {
    for (const event of this.#parser.end()) this.#take(event)
  }

  #take({ data, event }: SseEvent): void {
    const text = data.trim()
    if (text === '') return
    if (text === '[DONE]') {
      this.done = true
      return
    }
    const object = objectOf(parsed(text))
    if (object) this.#sink.frame(object, event)
    else this.#problems.add('stream: a frame is no JSON object')
  }
}

/** Reads a whole body, or as much of it as came. */
export function readBody(body: Uint8Array, about: BodyFacts, sink: BodySink, problems: Problems): BodyEnd {
  const kind = kindOf(body, about)
  if (kind === 'empty') return { streamed: about.streamed === true, whole: false }
  if (kind === 'events') {
    const events = new EventReader(sink, problems)
    events.push(body)
    events.end()
    return { streamed: true, whole: events.done }
  }
  const text = new TextDecoder().decode(body)
  const value = parsed(text)
  if (value !== undefined) return readValue(value, sink, problems)
  if (readLines(text, sink)) return { streamed: true, whole: false }
  problems.add(/^\s*[{["]/.test(text) ? 'body: breaks off, or is no JSON' : 'body: neither JSON nor a stream')
  return { streamed: about.streamed === true, whole: false }
}

/** Reads what was parsed from JSON: a reply, the text of one, a list of replies, or a list of a stream's frames. */
export function readValue(value: unknown, sink: BodySink, problems: Problems): BodyEnd {
  const inner = typeof value === 'string' ? (parsed(value) ?? value) : value
  const list = Array.isArray(inner) ? inner : [inner]
  const streamed = Array.isArray(inner) && inner.some(isFrame)
  for (const [at, item] of list.entries()) {
    const object = objectOf(item)
    if (!object) problems.add(`body: expected an object, got ${describe(item)}`)
    else if (streamed) sink.frame(object)
    else sink.reply(object, at)
  }
  return { streamed, whole: true }
}

/** Frames of a stream that someone gathered: no server answers with a list of replies that have choices. */
function isFrame(item: unknown): boolean {
  const object = objectOf(item)
  if (!object) return false
  return (
    Array.isArray(object.choices) ||
    object.token !== undefined ||
    /^(response|message)[._]/.test(`${object.type}`)
  )
}

/** One JSON object per line, as Ollama streams; false when the text is anything else. */
function readLines(text: string, sink: BodySink): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const objects = lines.map((line) => objectOf(parsed(line)))
  if (lines.length < 2 || objects.slice(0, -1).some((object) => !object)) return false
  for (const object of objects) if (object) sink.frame(object)
  return true
}

function parsed(text: string): unknown {
  try {
    return parseShallow(text)
  } catch {
    return undefined
  }
}

/** Bytes that decide what a body is. Proxies send white space while a reply is not there yet. */
const SNIFFED = 64 * 1024
const fields = ['data:', 'event:', 'id:', 'retry:', ':']

function kindOf(body: Uint8Array, about: BodyFacts): 'empty' | 'events' | 'json' {
  const start = new TextDecoder().decode(body.subarray(0, SNIFFED)).trimStart()
  if (start === '') return body.length > SNIFFED ? 'json' : 'empty'
  if (fields.some((field) => start.startsWith(field) || field.startsWith(start))) return 'events'
  if (/^[{["]/.test(start)) return 'json'
  return about.contentType?.includes('event-stream') ? 'events' : 'json'
}
