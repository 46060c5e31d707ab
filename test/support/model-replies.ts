// What the stand-in model server replies beside chats: embeddings
// (https://platform.openai.com/docs/api-reference/embeddings) and the Responses API
// (https://platform.openai.com/docs/api-reference/responses).

/** Body of `POST /v1/embeddings`. */
export interface EmbeddingsRequest {
  readonly model: string
  readonly input: string | readonly string[]
  readonly encoding_format?: 'float' | 'base64'
}

interface InputItem {
  readonly type?: string
  readonly role?: string
  readonly content?: string | readonly { readonly text?: string }[]
  /** Of a `function_call_output`. */
  readonly output?: string
}

/** Body of `POST /v1/responses`. */
export interface ResponsesRequest {
  readonly model: string
  readonly input: string | readonly InputItem[]
  readonly instructions?: string
  readonly tools?: readonly { readonly name: string }[]
  readonly text?: { readonly format?: { readonly type: string } }
  readonly stream?: boolean
}

/** One event of a streamed response. */
export interface ResponsesEvent {
  readonly type: string
  readonly [key: string]: unknown
}

interface OutputItem {
  readonly id: string
  readonly type: 'message' | 'function_call'
  readonly [key: string]: unknown
}

/** Vectors of three numbers that only the lengths of the texts decide. */
export function embeddings({ model, input, encoding_format }: EmbeddingsRequest): object {
  const texts = typeof input === 'string' ? [input] : input
  const tokens = texts.reduce((sum, text) => sum + wordsIn(text), 0)
  return {
    object: 'list',
    data: texts.map((text, index) => {
      const vector = [text.length, 0.5, -1]
      const bytes = Buffer.from(new Float32Array(vector).buffer)
      const embedding = encoding_format === 'base64' ? bytes.toString('base64') : vector
      return { object: 'embedding', index, embedding }
    }),
    model: `${model}-2026`,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

/** The whole reply to a request of the Responses API. */
export function responsesReply(asked: ResponsesRequest, id: string): object {
  const item = outputItem(asked)
  const input = wordsIn(textOf(asked.input)) + wordsIn(asked.instructions ?? '')
  const output = item.type === 'function_call' ? 7 : wordsIn(replyText(asked))
  return {
    ...envelope(asked, id, 'completed'),
    output: [item],
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 2 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: input + output,
    },
  }
}

/** The same reply as the events of a stream. */
export function responsesEvents(asked: ResponsesRequest, id: string): ResponsesEvent[] {
  const item = outputItem(asked)
  const events: ResponsesEvent[] = [
    { type: 'response.created', response: { ...envelope(asked, id, 'in_progress'), output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: emptied(item) },
    ...deltasOf(asked, item),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: responsesReply(asked, id) },
  ]
  return events.map((event, index) => ({ ...event, sequence_number: index }))
}

function deltasOf(asked: ResponsesRequest, item: OutputItem): ResponsesEvent[] {
  const at = { item_id: item.id, output_index: 0 }
  if (item.type === 'function_call')
    return [
      { type: 'response.function_call_arguments.delta', ...at, delta: item.arguments },
      { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
    ]
  const place = { ...at, content_index: 0 }
  const text = replyText(asked)
  const part = (said: string) => ({ type: 'output_text', text: said, annotations: [] })
  return [
    { type: 'response.content_part.added', ...place, part: part('') },
    ...(text.match(/\S+\s*/g) ?? []).map((delta) => ({
      type: 'response.output_text.delta',
      ...place,
      delta,
      logprobs: [],
    })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: part(text) },
  ]
}

function emptied(item: OutputItem): OutputItem {
  return {
    ...item,
    status: 'in_progress',
    ...(item.type === 'message' ? { content: [] } : { arguments: '' }),
  }
}

function outputItem(asked: ResponsesRequest): OutputItem {
  const items = typeof asked.input === 'string' ? [] : asked.input
  const answered = items.some(({ type }) => type === 'function_call_output')
  const tool = answered ? undefined : asked.tools?.[0]?.name
  if (tool !== undefined)
    return {
      id: 'fc_0001',
      type: 'function_call',
      status: 'completed',
      call_id: `call_${tool}`,
      name: tool,
      arguments: '{"city":"Zürich"}',
    }
  const content = [{ type: 'output_text', text: replyText(asked), annotations: [], logprobs: [] }]
  return { id: 'msg_0001', type: 'message', status: 'completed', role: 'assistant', content }
}

function replyText(asked: ResponsesRequest): string {
  if (asked.text?.format?.type.startsWith('json')) return '{"city":"Zürich","degrees":21}'
  const last = typeof asked.input === 'string' ? asked.input : textOf(asked.input.slice(-1))
  return `You said: ${last}`
}

function textOf(input: ResponsesRequest['input']): string {
  if (typeof input === 'string') return input
  const contents = input.map(({ content, output }) =>
    typeof content === 'string'
      ? content
      : (output ?? (content ?? []).map(({ text }) => text ?? '').join(' ')),
  )
  return contents.join(' ').trim()
}

function envelope(asked: ResponsesRequest, id: string, status: string): object {
  return {
    id,
    object: 'response',
    created_at: 1_750_000_000,
    status,
    model: `${asked.model}-2026`,
    instructions: asked.instructions ?? null,
    error: null,
    incomplete_details: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: asked.tools ?? [],
    top_p: 1,
    text: asked.text ?? { format: { type: 'text' } },
  }
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter(Boolean).length
}
