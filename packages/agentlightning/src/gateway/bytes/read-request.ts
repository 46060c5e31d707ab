// Reads from a request body what the gateway needs to know, without building the request: prompts have megabytes.
import { ARRAY, JsonBytes, OBJECT, textOf } from './json-bytes.ts'
import type { RequestMembers, RequestProblem } from './types.ts'

/** Longest JSON text of a value that is read. */
const MAX_VALUE_BYTES = 4096
/** Names beyond these are not remembered: no member of a model API has such a name. */
const MAX_NAME_BYTES = 64
const MAX_NAMES = 1000

/** Objects whose members are read, too. */
const nested = new Set(['stream_options', 'parameters'])

/**
 * Reads the top-level members of a JSON request that the gateway needs. Of members written twice the last counts,
 * as it does for the servers.
 */
export function readRequest(body: Uint8Array): RequestMembers | RequestProblem {
  const json = new JsonBytes(body)
  if (json.truncated) return problem('notJson', json.pos, 'The body is empty; a JSON object is needed.')
  const start = json.pos
  if (json.byte() !== OBJECT) {
    if (!json.skip() || !json.atEnd()) return notJson(json)
    return problem('notObject', start, `The body is JSON, but no object (byte ${start}).`)
  }
  const values = new Map<string, unknown>()
  const whole = readMembers(json, '', values) && json.atEnd()
  return whole ? new ReadRequest(values) : notJson(json)
}

function notJson(json: JsonBytes): RequestProblem {
  const where = json.truncated
    ? `it ends too early, after ${json.pos} bytes`
    : `byte ${json.pos} does not fit`
  return problem('notJson', json.pos, `The body is not JSON: ${where}.`)
}

function problem(kind: RequestProblem['kind'], offset: number, message: string): RequestProblem {
  return { kind, offset, message }
}

// At the brace of an object. Names of nested members are prefixed with the object's own.
function readMembers(json: JsonBytes, prefix: string, values: Map<string, unknown>): boolean {
  let state = json.enter()
  while (state === 1) {
    if (!json.key()) return false
    const known = json.keyEnd - json.keyStart <= MAX_NAME_BYTES && values.size < MAX_NAMES
    const name = known ? prefix + json.keyText() : undefined
    const at = json.pos
    if (name !== undefined) forget(values, name)
    if (name !== undefined && nested.has(name) && json.byte() === OBJECT) {
      if (!readMembers(json, `${name}.`, values)) return false
      values.set(name, {})
    } else {
      const isList = json.byte() === ARRAY
      if (!json.skip()) return false
      if (name !== undefined) values.set(name, isList ? listAt(json, at) : scalarAt(json, at))
    }
    state = json.more(OBJECT)
  }
  return state === 0
}

// A name written again hides what the first one held.
function forget(values: Map<string, unknown>, name: string): void {
  if (!nested.has(name) || !values.has(name)) return
  for (const other of [...values.keys()]) if (other.startsWith(`${name}.`)) values.delete(other)
}

// Of a list only whether it has elements.
function listAt(json: JsonBytes, at: number): boolean[] {
  const inner = new JsonBytes(json.bytes.subarray(at, json.pos))
  return inner.enter() === 1 ? [true] : []
}

function scalarAt(json: JsonBytes, at: number): unknown {
  if (json.bytes[at] === OBJECT || json.pos - at > MAX_VALUE_BYTES) return {}
  try {
    return JSON.parse(textOf(json.bytes, at, json.pos))
  } catch {
    // A number such as 01: the server says what it thinks of it.
    return {}
  }
}

class ReadRequest implements RequestMembers {
  readonly kind = 'object' as const
  readonly tools: boolean
  readonly model?: string
  readonly stream?: boolean
  readonly n?: number
  readonly bestOf?: number
  readonly echo?: boolean
  readonly logprobs?: boolean | number
  readonly topLogprobs?: number
  readonly returnTokenIds?: boolean
  readonly includeUsage?: boolean
  readonly #values: ReadonlyMap<string, unknown>

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values
    const tools = values.get('tools')
    this.tools = Array.isArray(tools) && tools.length > 0
    const model = values.get('model')
    const stream = values.get('stream')
    const n = values.get('n')
    const bestOf = values.get('best_of')
    const echo = values.get('echo')
    const logprobs = values.get('logprobs')
    const topLogprobs = values.get('top_logprobs')
    const returnTokenIds = values.get('return_token_ids')
    const includeUsage = values.get('stream_options.include_usage')
    if (typeof model === 'string') this.model = model
    if (typeof stream === 'boolean') this.stream = stream
    if (typeof n === 'number') this.n = n
    if (typeof bestOf === 'number') this.bestOf = bestOf
    if (typeof echo === 'boolean') this.echo = echo
    if (typeof logprobs === 'boolean' || typeof logprobs === 'number') this.logprobs = logprobs
    if (typeof topLogprobs === 'number') this.topLogprobs = topLogprobs
    if (typeof returnTokenIds === 'boolean') this.returnTokenIds = returnTokenIds
    if (typeof includeUsage === 'boolean') this.includeUsage = includeUsage
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  isTrue(name: string): boolean {
    return this.#values.get(name) === true
  }
}
