// Every kind of model call that the client of OpenAI offers, for whichever instrumentation is tested.
import type OpenAI from 'openai'

type Messages = OpenAI.Chat.ChatCompletionMessageParam[]

const weatherSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const weather: OpenAI.Chat.ChatCompletionTool = {
  type: 'function',
  function: { name: 'weather', description: 'Looks out of the window.', parameters: weatherSchema },
}

/** A turn that ends in a call of a tool, then one with its result. `use` is the tool. */
export async function useTool(client: OpenAI, question: string, use: (city: string) => unknown) {
  const messages: Messages = [{ role: 'user', content: question }]
  const asked = await client.chat.completions.create({
    model: 'echo-1',
    messages,
    tools: [weather],
    tool_choice: 'auto',
  })
  const message = asked.choices[0]?.message
  const call = message?.tool_calls?.[0]
  if (!message || call?.type !== 'function') throw new Error('no call of a tool')
  const { city } = JSON.parse(call.function.arguments) as { city: string }
  messages.push(message, { role: 'tool', tool_call_id: call.id, content: JSON.stringify(use(city)) })
  const told = await client.chat.completions.create({ model: 'echo-1', messages, tools: [weather] })
  return told.choices[0]?.message.content
}

/** All calls that need no span around them. */
export async function calls(client: OpenAI): Promise<void> {
  const chat = client.chat.completions
  const plain = await chat.create({
    model: 'deep-1',
    messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: 'What is the answer? 漢字 🚀' },
    ],
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 64,
    seed: 7,
    user: 'ada',
  })
  console.log('plain:', plain.choices[0]?.message.content)
  await drain(
    await chat.create({
      model: 'echo-1',
      messages: [{ role: 'user', content: 'Say it slowly, häßlich' }],
      stream: true,
      stream_options: { include_usage: true },
    }),
  )
  await chat.create({
    model: 'echo-1',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'https://images.invalid/cat.png' } },
        ],
      },
    ],
  })
  await drain(
    await chat.create({
      model: 'echo-1',
      messages: [{ role: 'user', content: 'And tomorrow?' }],
      tools: [weather],
      stream: true,
    }),
  )
  const twice = await chat.create({
    model: 'echo-1',
    messages: [{ role: 'user', content: 'Twice, please' }],
    n: 2,
  })
  console.log('choices:', twice.choices.length)
  const structured = await chat.create({
    model: 'echo-1',
    messages: [{ role: 'user', content: 'Report as JSON' }],
    response_format: { type: 'json_schema', json_schema: { name: 'report', schema: { type: 'object' } } },
  })
  console.log('structured:', structured.choices[0]?.message.content)
  await chat
    .create({ model: 'status-500', messages: [{ role: 'user', content: 'hello?' }] })
    .catch((error: { status?: number }) => console.log('refused:', error.status))
  const embedded = await client.embeddings.create({
    model: 'embed-1',
    input: ['one text', 'another text here'],
  })
  console.log('embedded:', embedded.data.length)
}

/** The Responses API: a text, a stream, a call of a tool. */
export async function responses(client: OpenAI): Promise<void> {
  const plain = await client.responses.create({
    model: 'echo-1',
    instructions: 'You are brief.',
    input: 'Asked through responses',
  })
  console.log('responses:', plain.output_text)
  await drain(
    await client.responses.create({ model: 'echo-1', input: 'Streamed through responses', stream: true }),
  )
  const called = await client.responses.create({
    model: 'echo-1',
    input: [{ role: 'user', content: 'Is it warm?' }],
    tools: [{ type: 'function', name: 'weather', parameters: weatherSchema, strict: false }],
  })
  console.log('called:', called.output[0]?.type)
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  let chunks = 0
  for await (const _ of stream) chunks++
  console.log('chunks:', chunks)
}
