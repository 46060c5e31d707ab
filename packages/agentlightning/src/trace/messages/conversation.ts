// The messages of a span, whichever of the known dialects wrote them.
import { type PlainValue, plainValue } from '../../otlp/decode/plain-value.ts'
import type { DecodedSpan, KeyValue } from '../../otlp/decode/types.ts'
import { eventMessages } from './events.ts'
import { flattenedDocuments, flattenedMessages, flattenedSchemas, flattenedTools } from './flattened.ts'
import { messagesOf, toolsOf } from './parts.ts'
import { members, parsed, said, unquoted, type Value } from './read.ts'
import type { Conversation, Message, ToolDefinition } from './types.ts'
import { vercelAnswer, vercelPrompt, vercelValues } from './vercel.ts'

/** Attributes that hold the whole input or output in one value, first found first. */
const wholeInputs = [
  'gen_ai.tool.call.arguments',
  'ai.toolCall.args',
  'gen_ai.prompt',
  'traceloop.entity.input',
  'agentops.entity.input',
  'langfuse.observation.input',
  'input.value',
  'mlflow.spanInputs',
  'tool.parameters',
  'genkit:input',
  'input',
]
const wholeOutputs = [
  'gen_ai.tool.call.result',
  'ai.toolCall.result',
  'gen_ai.completion',
  'traceloop.entity.output',
  'agentops.entity.output',
  'langfuse.observation.output',
  'output.value',
  'mlflow.spanOutputs',
  'tool.result',
  'genkit:output',
  'output',
]

interface Side {
  readonly messages: readonly Message[]
  readonly from?: string
}

/** Messages, tools and where they were read. Both sides are empty for a span that carries none. */
export function conversationOf(span: Pick<DecodedSpan, 'attributes' | 'events'>): Conversation {
  const attributes = plainAttributes(span.attributes)
  const input = inputSide(attributes, span)
  const output = outputSide(attributes, span)
  return {
    input: [...systemMessages(attributes, input.messages), ...input.messages],
    output: output.messages,
    tools: tools(attributes),
    ...(input.from === undefined ? {} : { inputFrom: input.from }),
    ...(output.from === undefined ? {} : { outputFrom: output.from }),
  }
}

function plainAttributes(attributes: readonly KeyValue[]): Map<string, PlainValue> {
  return new Map(attributes.map(({ key, value }) => [key, plainValue(value)]))
}

function inputSide(attributes: ReadonlyMap<string, Value>, span: Pick<DecodedSpan, 'events'>): Side {
  return firstSide([
    () => at('gen_ai.input.messages', messagesOf(attributes.get('gen_ai.input.messages'), 'user')),
    () => at('llm.input_messages.*', flattenedMessages(attributes, 'llm.input_messages', 'user')),
    () => at('gen_ai.prompt.*', flattenedMessages(attributes, 'gen_ai.prompt', 'user')),
    () => at('events', eventMessages(span.events).input),
    () => at('ai.prompt.messages', messagesOf(attributes.get('ai.prompt.messages'), 'user')),
    () => at('ai.prompt', vercelPrompt(attributes)),
    () => at('ai.value', vercelValues(attributes)),
    ...wholeInputs.map((key) => () => at(key, whole(inner(key, attributes.get(key)), 'input'))),
    () => ownEntity(attributes, 'input'),
  ])
}

function outputSide(attributes: ReadonlyMap<string, Value>, span: Pick<DecodedSpan, 'events'>): Side {
  return firstSide([
    () => at('gen_ai.output.messages', messagesOf(attributes.get('gen_ai.output.messages'), 'assistant')),
    () => at('llm.output_messages.*', openInferenceAnswer(attributes)),
    () => at('gen_ai.completion.*', flattenedMessages(attributes, 'gen_ai.completion', 'assistant')),
    () => at('events', eventMessages(span.events).output),
    () => at('ai.response.*', vercelAnswer(attributes)),
    () => at('retrieval.documents.*', flattenedDocuments(attributes, 'retrieval.documents')),
    () => at('reranker.output_documents.*', flattenedDocuments(attributes, 'reranker.output_documents')),
    ...wholeOutputs.map((key) => () => at(key, whole(inner(key, attributes.get(key)), 'output'))),
    () => ownEntity(attributes, 'output'),
  ])
}

function firstSide(ways: readonly (() => Side)[]): Side {
  for (const way of ways) {
    const side = way()
    if (side.messages.some(({ parts }) => parts.length > 0)) return side
  }
  return { messages: [] }
}

function at(from: string, messages: readonly Message[]): Side {
  return { from, messages }
}

/** OpenInference names the reason of the first choice beside the messages. */
function openInferenceAnswer(attributes: ReadonlyMap<string, Value>): Message[] {
  const [first, ...others] = flattenedMessages(attributes, 'llm.output_messages', 'assistant')
  const finishReason = said(attributes.get('llm.finish_reason'))
  if (first === undefined) return []
  return [finishReason === undefined ? first : { finishReason, ...first }, ...others]
}

/** `agentops.<kind>.input` of AgentOps' decorators. */
function ownEntity(attributes: ReadonlyMap<string, Value>, side: 'input' | 'output'): Side {
  for (const [key, value] of attributes) {
    if (/^agentops\.\w{1,40}\.(input|output)$/.test(key) && key.endsWith(side))
      return at(key, whole(value, side))
  }
  return { messages: [] }
}

/** Those who encode every value as JSON, also a text: MLflow, OpenLLMetry's decorators, tools of Vercel's AI SDK. */
function inner(key: string, value: Value): Value {
  return /^(mlflow|traceloop\.entity|ai\.toolCall|gen_ai\.tool\.call)\./.test(key) ? unquoted(value) : value
}

/** A whole request or answer: a chat's list of messages where there is one inside, else the value itself. */
function whole(value: Value, role: 'input' | 'output'): Message[] {
  if (value === undefined || value === null || value === '') return []
  const read = parsed(value)
  const { messages, choices } = members(read)
  if (Array.isArray(messages) && messages.length > 0) return messagesOf(messages, role)
  if (Array.isArray(choices) && choices.some((choice) => members(choice).message !== undefined)) {
    return choices.map((choice) => {
      const { message, finish_reason } = members(choice)
      return {
        ...messagesOf({ ...members(message), finish_reason: finish_reason ?? null }, 'assistant')[0],
      } as Message
    })
  }
  if (
    Array.isArray(read) &&
    read.length > 0 &&
    read.every((item) => typeof members(item).role === 'string')
  ) {
    return messagesOf(read, role)
  }
  if (typeof members(read).role === 'string' && members(read).content !== undefined)
    return messagesOf(read, role)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return [{ role, parts: [{ type: typeof read === 'string' ? 'text' : 'json', text }] }]
}

/** Instructions that are kept apart from the messages. */
function systemMessages(attributes: ReadonlyMap<string, Value>, input: readonly Message[]): Message[] {
  if (input.some(({ role }) => role === 'system')) return []
  const text = attributes.get('gen_ai.system_instructions') ?? attributes.get('gen_ai.request.instructions')
  const read = parsed(text)
  if (read === undefined || read === '') return []
  return messagesOf({ role: 'system', content: read }, 'system').filter(({ parts }) => parts.length > 0)
}

function tools(attributes: ReadonlyMap<string, Value>): ToolDefinition[] {
  for (const found of [
    () => toolsOf(attributes.get('gen_ai.tool.definitions')),
    () => toolsOf(attributes.get('ai.prompt.tools')),
    () => flattenedSchemas(attributes, 'llm.tools'),
    () => flattenedTools(attributes, 'llm.request.functions'),
    () => flattenedTools(attributes, 'gen_ai.request.tools'),
  ]) {
    const list = found()
    if (list.length > 0) return list
  }
  return []
}
