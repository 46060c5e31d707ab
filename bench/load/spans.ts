// The spans that test bodies are made of, by size.
import type { Random } from './random.ts'
import {
  bytesField,
  fixed64Field,
  int,
  intField,
  ints,
  join,
  keyValue,
  message,
  string,
  text,
} from './wire.ts'

export type SpanSize = 'small' | 'llm' | 'large'

const LLM_TEXT_BYTES = 8_000
const LARGE_TEXT_BYTES = 99_400
const TOKEN_IDS = 1_000
const VOCABULARY = 150_000

/** 16 bytes, different for each `at`, that nothing else in a body contains. */
export function marker(at: number): Buffer {
  const id = Buffer.from('\xffid\xff\0\0\0\0\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8', 'latin1')
  id.writeUInt32BE(at, 4)
  return id
}

/**
 * The content of a span. Ids and times come first, in a fixed order, so that it is known where they lie once the
 * marker (the trace id) is found: span id 18 bytes after it, parent 28, start 37, end 46. Protobuf allows any order.
 */
export function spanOf(size: SpanSize, at: number, random: Random): Buffer {
  return join([
    bytesField(1, marker(at)),
    bytesField(2, Buffer.alloc(8)),
    bytesField(4, Buffer.alloc(8)),
    fixed64Field(7),
    fixed64Field(8),
    bytesField(5, text(size === 'llm' ? 'chat example-model' : 'execute_tool search')),
    intField(6, size === 'llm' ? 3 : 1),
    ...(size === 'llm' ? llmAttributes(random) : toolAttributes(size, random)),
    message(15, [intField(3, 1)]),
  ])
}

function llmAttributes(random: Random): Buffer[] {
  return [
    keyValue(9, 'gen_ai.operation.name', string('chat')),
    keyValue(9, 'gen_ai.provider.name', string('openai')),
    keyValue(9, 'gen_ai.request.model', string('example-model')),
    keyValue(9, 'gen_ai.response.model', string('example-model-2026')),
    keyValue(9, 'gen_ai.response.id', string(`chatcmpl-${hex(random)}`)),
    keyValue(9, 'gen_ai.usage.input_tokens', int(TOKEN_IDS)),
    keyValue(9, 'gen_ai.usage.output_tokens', int(TOKEN_IDS)),
    keyValue(9, 'gen_ai.input.messages', messages('user', LLM_TEXT_BYTES / 2, random)),
    keyValue(9, 'gen_ai.output.messages', messages('assistant', LLM_TEXT_BYTES / 2, random)),
    keyValue(9, 'prompt_token_ids', tokenIds(random)),
    keyValue(9, 'response_token_ids', tokenIds(random)),
  ]
}

function toolAttributes(size: SpanSize, random: Random): Buffer[] {
  return [
    keyValue(9, 'gen_ai.operation.name', string('execute_tool')),
    keyValue(9, 'gen_ai.tool.name', string('search')),
    keyValue(9, 'gen_ai.tool.call.id', string(`call_${hex(random)}`)),
    keyValue(9, 'gen_ai.agent.name', string('researcher')),
    keyValue(9, 'gen_ai.conversation.id', string('conversation-1')),
    keyValue(9, 'tool.parameters', string(`{"query":"${words(128, random)}","limit":10}`)),
    ...(size === 'large' ? [keyValue(9, 'tool.result', string(words(LARGE_TEXT_BYTES, random)))] : []),
  ]
}

function messages(role: string, bytes: number, random: Random): Buffer {
  return string(JSON.stringify([{ role, parts: [{ type: 'text', content: words(bytes, random) }] }]))
}

function tokenIds(random: Random): Buffer {
  return ints(Array.from({ length: TOKEN_IDS }, () => random() % VOCABULARY))
}

const vocabulary = 'the agent reads a page and asks the model for one more tool call before it answers'.split(
  ' ',
)

function words(bytes: number, random: Random): string {
  const parts: string[] = []
  for (let length = 0; length < bytes; length += (parts.at(-1) as string).length + 1)
    parts.push(vocabulary[random() % vocabulary.length] as string)
  return parts.join(' ').slice(0, bytes)
}

function hex(random: Random): string {
  return random().toString(16).padStart(8, '0')
}
