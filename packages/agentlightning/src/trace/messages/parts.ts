// Messages and their parts as JSON: the OpenTelemetry GenAI schema, and the chat formats of OpenAI, Anthropic
// and Vercel's AI SDK, which instrumentations write into the same attributes.
import { firstOf, members, parsed, said, textOf, type Value } from './read.ts'
import type { Message, Part, ToolDefinition } from './types.ts'

/** Text of a part, or structured content where there is no text. */
function content(value: Value): Part[] {
  if (value === undefined || value === null || value === '') return []
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  if (Array.isArray(value)) return value.flatMap((part) => partsOf(part))
  return [{ type: 'json', text: JSON.stringify(value) }]
}

/** One element of `parts` or `content` (GenAI semantic conventions, message schemas). */
function partsOf(value: Value): Part[] {
  if (typeof value === 'string') return content(value)
  const part = members(value)
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return content(firstOf(part, 'content', 'text'))
    case 'reasoning':
    case 'thinking': {
      const text = textOf(firstOf(part, 'content', 'text', 'thinking'))
      return text ? [{ type: 'reasoning', text }] : []
    }
    case 'tool_call':
    case 'server_tool_call':
    case 'tool_use':
    case 'tool-call':
    case 'function':
      return [toolCall(value)]
    case 'tool_call_response':
    case 'server_tool_call_response':
    case 'tool_result':
    case 'tool-result': {
      const result = firstOf(part, 'response', 'result', 'content', 'output')
      const id = said(firstOf(part, 'id', 'tool_use_id', 'toolCallId'))
      return [
        { type: 'toolResult', ...(id === undefined ? {} : { id }), text: textOf(outputOf(result)) ?? '' },
      ]
    }
    case 'blob':
    case 'uri':
    case 'file':
    case 'image':
    case 'image_url':
    case 'input_image':
    case 'input_audio':
      return [media(part)]
    default:
      return value === undefined || value === null ? [] : [{ type: 'json', text: JSON.stringify(value) }]
  }
}

/** Vercel's AI SDK wraps a tool's result: `{type: 'json', value}`, `{type: 'error-text', value}`. */
function outputOf(result: Value): Value {
  const { type, value } = members(result)
  const wrapped = typeof type === 'string' && /^(error-)?(text|json)$|^content$/.test(type)
  return wrapped && value !== undefined ? value : result
}

function media(part: Readonly<Record<string, Value>>): Part {
  const nested = firstOf(part, 'image_url', 'input_audio', 'source')
  const link = said(firstOf(part, 'uri', 'url', 'file_id')) ?? said(nested) ?? said(members(nested).url)
  const data = said(firstOf(part, 'content', 'data', 'image')) ?? said(members(nested).data)
  const inline = /^data:([^;,]+)/.exec(link ?? '')
  const mediaType =
    said(firstOf(part, 'mime_type', 'mediaType', 'media_type')) ??
    inline?.[1] ??
    said(firstOf(part, 'modality', 'type')) ??
    'file'
  const size = inline ? link?.length : data?.length
  // An address is a text like any other: it is shown, never loaded.
  const text = link !== undefined && !inline ? link : `${Math.round(((size ?? 0) * 3) / 4)} bytes`
  return { type: 'media', mediaType, text }
}

/** A tool call of OpenAI, Anthropic, GenAI or Vercel form. */
function toolCall(value: Value): Part {
  const call = members(value)
  const inner = { ...call, ...members(call.function) }
  const id = said(firstOf(call, 'id', 'toolCallId', 'call_id'))
  return {
    type: 'toolCall',
    ...(id === undefined ? {} : { id }),
    name: said(firstOf(inner, 'name', 'toolName')) ?? '(no name)',
    arguments: textOf(firstOf(inner, 'arguments', 'input', 'args')) ?? '',
  }
}

/** One message. A plain text is one as well: it gets `role`. */
export function messageOf(value: Value, role: string): Message {
  const message = members(value)
  if (typeof value === 'string' || Array.isArray(value)) return { role, parts: content(value) }
  const own = said(message.role) ?? role
  const body = content(firstOf(message, 'parts', 'content'))
  const callId = said(message.tool_call_id)
  const parts: Part[] = [
    ...content(said(message.reasoning_content)).map((part): Part => ({ ...part, type: 'reasoning' }) as Part),
    ...(callId === undefined ? body : [{ type: 'toolResult' as const, id: callId, text: plainText(body) }]),
    ...(Array.isArray(message.tool_calls) ? message.tool_calls.map(toolCall) : []),
  ]
  const reason = said(message.finish_reason)
  return { role: own, parts, ...(reason === undefined ? {} : { finishReason: reason }) }
}

function plainText(parts: readonly Part[]): string {
  return parts.map((part) => ('text' in part ? part.text : part.arguments)).join('\n')
}

/** A list of messages, a single one, or a text; JSON text of any of these. Empty for an empty value. */
export function messagesOf(value: Value, role: string): Message[] {
  const read = parsed(value)
  if (read === undefined || read === null || read === '') return []
  if (!Array.isArray(read)) return [messageOf(read, role)]
  return read.map((message) => messageOf(message, role))
}

/** Tools as a list of definitions, in OpenAI's nested or any flat form. */
export function toolsOf(value: Value): ToolDefinition[] {
  const list = parsed(value)
  return (Array.isArray(list) ? list : []).flatMap((item) => {
    const read = members(parsed(item))
    const tool = { ...read, ...members(read.function) }
    const name = said(tool.name)
    return name === undefined
      ? []
      : [definition(name, tool.description, firstOf(tool, 'parameters', 'input_schema', 'inputSchema'))]
  })
}

/** A tool's definition without what is not said. */
export function definition(name: string, description: Value, parameters: Value): ToolDefinition {
  const [about, schema] = [said(description), textOf(parameters)]
  return {
    name,
    ...(about === undefined ? {} : { description: about }),
    ...(schema === undefined ? {} : { parameters: schema }),
  }
}
