// The response id in a reply that a recorder keeps as text: OpenAI's own replies as OpenInference writes them, plain and
// put together from a stream, the results of LangChain (Python and JS), and the streamed chats of openai-agents.
import type { ValueView } from '../../otlp/scan/span-view.ts'

/** Characters at the end of a reply in which the members after its choices are looked for. */
const REPLY_END = 4096
/** Characters at the end of LangChain's results and those of openai-agents that are looked at. */
const RESULT_END = 65_536
/** Places at which a key may stand inside something else before the search is given up. */
const MOST_PLACES = 4

const ID = String.raw`"([^"\\]{1,256})"`
const OBJECT = String.raw`"object":\s*"(?:chat\.completion(?:\.chunk)?|text_completion|response)"`

/** Replies that begin with their id: what follows, or the id itself, shows that it is no JSON that a model wrote. */
const idFirst = new RegExp(
  String.raw`^\{\s*"id":\s*${ID},\s*(?:${OBJECT}|"created(?:_at)?":\s*\d{9}|"choices":\s*\[\s*\{\s*"finish_reason":)`,
)
const namedIdFirst =
  /^\{\s*"id":\s*"((?:chatcmpl|cmpl|resp)[-_][^"\\]{1,250})",\s*"(?:object|created|created_at|choices|model)":/
const anyIdFirst = new RegExp(String.raw`^\{\s*"id":\s*${ID}`)
const replyObject = new RegExp(OBJECT, 'y')
const langChainResult = /^\{"generations": ?\[\[\{/
const agentsStream = /^\[\{"id": ?"__fake_id__"/

/** Runs of LangChain's own that stand where a message has no id of the server's. */
const ownRun = /^(?:lc_)?run-/

/** A list or an object. */
type Json = Readonly<Record<string | number, unknown>>

/**
 * The id of the model's reply that a value holds as JSON. Only the beginning and the end of the text are looked at, and
 * a place counts only if its path is known for sure: an id of a tool call or of a message is none.
 */
export function readReplyId(value: ValueView): string | undefined {
  const text = value.string()
  if (text === undefined) return undefined
  if (text.startsWith('[')) return agentsStream.test(text) ? ofAgents(text) : undefined
  if (!text.startsWith('{')) return undefined
  if (langChainResult.test(text)) return ofLangChain(text)
  return (idFirst.exec(text) ?? namedIdFirst.exec(text))?.[1] ?? ofReplyEnd(text)
}

/** Replies with their choices first: of llama.cpp, and streams as OpenInference for Python puts them together. */
function ofReplyEnd(text: string): string | undefined {
  const end = text.slice(-REPLY_END)
  for (const at of placesOf(end, 'object')) {
    replyObject.lastIndex = at
    const reply = replyObject.test(end) ? parsedFrom(end, at, '{') : undefined
    if (reply === undefined) continue
    const before = end.lastIndexOf('"id"', at)
    const whole = before > 0 ? parsedFrom(end, before, '{') : undefined
    return idOf(reply.id) ?? idOf(whole?.id) ?? anyIdFirst.exec(text)?.[1]
  }
  return undefined
}

/** A result of LangChain: the id in its own members, else in the metadata of its last message, else the message's. */
function ofLangChain(text: string): string | undefined {
  const end = text.slice(-RESULT_END)
  // Where what is said is long, only what follows it is in reach.
  const result =
    lastMember(end, 'kwargs', '{"generations":[[{"message":{') ??
    lastMember(end, 'response_metadata', '{"generations":[[{"message":{"kwargs":{') ??
    lastMember(end, 'llm_output', '{')
  const { id, response_metadata: metadata } = within(result, 'generations', 0, 0, 'message', 'kwargs') ?? {}
  const own = idOf(id)
  return (
    idOf(within(result, 'llm_output')?.id ?? within(result, 'llmOutput')?.id) ??
    idOf(within(metadata)?.id) ??
    (own === undefined || ownRun.test(own) ? undefined : own)
  )
}

/** A streamed chat has the form of a response with an id of the SDK's; each item of it names the server's. */
function ofAgents(text: string): string | undefined {
  const list = lastMember(text.slice(-RESULT_END), 'provider_data', '[{"output":[{')
  return idOf(within(list, 0, 'output', 0, 'provider_data')?.response_id)
}

/**
 * What the JSON that ends with `end` holds from the last member `key` on, where that has the path that `opening` opens:
 * with any other path the brackets that follow would not fit those of `opening`.
 */
function lastMember(end: string, key: string, opening: string): Json | undefined {
  for (const at of placesOf(end, key)) {
    const found = parsedFrom(end, at, opening)
    if (found !== undefined) return found
  }
  return undefined
}

/** Where `key` stands in quotes, the last place first. In the middle of a string its quotes would be escaped. */
function* placesOf(end: string, key: string): Generator<number> {
  const quoted = `"${key}"`
  let at = end.length
  for (let places = 0; places < MOST_PLACES; places++) {
    at = end.lastIndexOf(quoted, at - 1)
    if (at < 1) return
    if (end[at - 1] !== '\\') yield at
  }
}

function parsedFrom(end: string, at: number, opening: string): Json | undefined {
  try {
    return JSON.parse(opening + end.slice(at)) as Json
  } catch {
    return undefined
  }
}

/** The object at a path, if there is one. */
function within(value: unknown, ...path: readonly (string | number)[]): Json | undefined {
  let at = value
  for (const key of path) at = typeof at === 'object' && at !== null ? (at as Json)[key] : undefined
  return typeof at === 'object' && at !== null ? (at as Json) : undefined
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined
}
