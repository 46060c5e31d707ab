// Messages spread over numbered attributes: AgentOps and OpenLLMetry (`gen_ai.prompt.N.content`), and
// OpenInference (`llm.input_messages.N.message.content`). Numbers may be missing or start anywhere.
import { definition, messageOf, toolsOf } from './parts.ts'
import { firstOf, parsed, said, textOf, type Value } from './read.ts'
import type { Message, Part, ToolDefinition } from './types.ts'

type Attributes = ReadonlyMap<string, Value>

/** Messages below `prefix`, in the order of their numbers. */
export function flattenedMessages(attributes: Attributes, prefix: string, role: string): Message[] {
  return numbered(attributes, prefix).map((own) => messageFrom(unwrapped(own, 'message.'), role))
}

/** Tools below `prefix` (`llm.request.functions`, `gen_ai.request.tools`). */
export function flattenedTools(attributes: Attributes, prefix: string): ToolDefinition[] {
  return numbered(attributes, prefix).flatMap((tool) => {
    const name = said(tool.get('name'))
    return name === undefined ? [] : [definition(name, tool.get('description'), tool.get('parameters'))]
  })
}

/** Tools of OpenInference, each one JSON text: `llm.tools.N.tool.json_schema`. */
export function flattenedSchemas(attributes: Attributes, prefix: string): ToolDefinition[] {
  return toolsOf(numbered(attributes, prefix).map((tool) => tool.get('tool.json_schema') ?? null))
}

/** What a retriever or reranker of OpenInference found: `retrieval.documents.N.document.content`. */
export function flattenedDocuments(attributes: Attributes, prefix: string): Message[] {
  return numbered(attributes, prefix).flatMap((document) => {
    const text = said(document.get('document.content'))
    return text === undefined ? [] : [{ role: 'document', parts: [{ type: 'text' as const, text }] }]
  })
}

function messageFrom(own: Attributes, role: string): Message {
  // Content of several parts is JSON text here.
  const whole = parsed(own.get('content'))
  const listed = Array.isArray(whole) && whole.every((part) => typeof part === 'object') ? whole : undefined
  const callId = said(own.get('tool_call_id'))
  const text = own.get('content')
  const base = messageOf(
    {
      role: said(own.get('role')) ?? role,
      content: listed ?? (typeof text === 'string' ? text : (textOf(text) ?? '')),
      ...(callId === undefined ? {} : { tool_call_id: callId }),
    },
    role,
  )
  const reasoning = said(firstOf(Object.fromEntries(own), 'reasoning', 'reasoning_content'))
  const finishReason = said(own.get('finish_reason'))
  return {
    role: base.role,
    parts: [
      ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
      ...base.parts,
      ...contents(own),
      ...toolCalls(own),
    ],
    ...(finishReason === undefined ? {} : { finishReason }),
  }
}

/** OpenInference's parts of one message: `contents.M.message_content.{type,text,image.image.url}`. */
function contents(own: Attributes): Part[] {
  return numbered(own, 'contents').flatMap((part): Part[] => {
    const text = said(part.get('message_content.text'))
    const image = said(part.get('message_content.image.image.url'))
    return [
      ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
      ...(image === undefined
        ? []
        : [{ type: 'media' as const, mediaType: 'image', text: image.slice(0, 2000) }]),
    ]
  })
}

function toolCalls(own: Attributes): Part[] {
  return numbered(own, 'tool_calls').map((raw): Part => {
    const call = unwrapped(unwrapped(raw, 'tool_call.'), 'function.')
    const id = said(call.get('id'))
    return {
      type: 'toolCall',
      ...(id === undefined ? {} : { id }),
      name: said(call.get('name')) ?? '(no name)',
      arguments: textOf(call.get('arguments')) ?? '',
    }
  })
}

/** What follows `prefix.N.`, by N. */
function numbered(attributes: Attributes, prefix: string): Map<string, Value>[] {
  const groups = new Map<number, Map<string, Value>>()
  const start = `${prefix}.`
  for (const [key, value] of attributes) {
    if (!key.startsWith(start)) continue
    const found = /^(\d{1,6})\.(.+)$/.exec(key.slice(start.length))
    if (!found) continue
    const [, number, rest] = found as unknown as [string, string, string]
    const group = groups.get(Number(number)) ?? new Map<string, Value>()
    groups.set(Number(number), group.set(rest, value))
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group)
}

/** Keys without `prefix` in front. */
function unwrapped(attributes: Attributes, prefix: string): Map<string, Value> {
  return new Map(
    [...attributes].map(([key, value]) => [key.startsWith(prefix) ? key.slice(prefix.length) : key, value]),
  )
}
