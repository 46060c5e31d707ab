// Every way to make a call with the client of OpenAI, against recordings. Prints what a program sees of each: the same
// with hooks and without.
import type OpenAI from 'openai'

type Client = OpenAI

const messages = [{ role: 'user' as const, content: 'hello world' }]
const tools = [
  {
    type: 'function' as const,
    function: { name: 'weather', parameters: { type: 'object', properties: {} } },
  },
]

function say(what: string, value: unknown): void {
  console.log(`${what}: ${JSON.stringify(value)}`)
}

async function chunksOf(stream: AsyncIterable<{ choices: { delta: { content?: string | null } }[] }>) {
  let text = ''
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
  return text
}

/** Calls that every server has recordings for. */
export async function basics(client: Client, plain: string, streamed: string): Promise<void> {
  await simple(client, plain, streamed)
  await helpers(client, plain, streamed)
  const response = await client.chat.completions.create({ model: plain, messages }).asResponse()
  say('raw', [
    response instanceof Response,
    response.ok,
    response.bodyUsed,
    Object.keys(response),
    ((await response.json()) as OpenAI.ChatCompletion).choices[0]?.message.content,
    response.bodyUsed,
  ])
}

/** Calls that every instrumentation knows. */
export async function simple({ chat }: Client, plain: string, streamed: string): Promise<void> {
  const reply = await chat.completions.create({ model: plain, messages })
  say('plain', reply.choices[0]?.message.content)
  say('streamed', await chunksOf(await chat.completions.create({ model: streamed, messages, stream: true })))
}

/** Calls that end in an object that the client makes. */
export async function helpers({ chat }: Client, plain: string, streamed: string): Promise<void> {
  const helper = chat.completions.stream({ model: streamed, messages })
  say('stream helper', await helper.finalContent())
  const both = await chat.completions.create({ model: plain, messages }).withResponse()
  say('with response', [both.response.status, both.data.choices[0]?.message.content])
  const parsed = await chat.completions.parse({ model: plain, messages })
  say('parsed', parsed.choices[0]?.message.content)
}

/** Several choices, tools, completions and errors. */
export async function more(client: Client, server: string): Promise<void> {
  const chat = client.chat.completions
  const three = await chat.create({ model: `${server}/chat-ids-temp1-n2`, messages, n: 3 })
  say(
    'n = 3',
    three.choices.map(({ index }) => index),
  )
  const called = await chat.create({ model: `${server}/chat-tool-auto-ids`, messages, tools })
  say('tools', called.choices[0]?.message.tool_calls?.length)
  const logprobs = await chat.create({ model: `${server}/chat-ids-logprobs`, messages, logprobs: true })
  say('logprobs', logprobs.choices[0]?.logprobs?.content?.length)
  const completion = await client.completions.create({
    model: `${server}/completions-ids`,
    prompt: 'hello world',
  })
  say('completion', completion.choices[0]?.text)
  const pieces: string[] = []
  const asked = { model: `${server}/completions-stream-ids`, prompt: 'hello world', stream: true } as const
  for await (const { choices } of await client.completions.create(asked)) pieces.push(choices[0]?.text ?? '')
  say('completion, streamed', pieces.join(''))
  // The Responses API of vLLM gives ids as messages that the program asks for by itself.
  const raw = { input: 'hello world', enable_response_messages: true } as const
  const answered = await client.responses.create({ model: `${server}/responses-raw`, ...raw })
  say('response', answered.output_text)
  const events: string[] = []
  const live = { model: `${server}/responses-raw-stream`, ...raw, stream: true } as const
  for await (const { type } of await client.responses.create(live)) events.push(type)
  say('response, streamed', events)
  await chat.create({ model: 'status-429', messages }).catch((error: Error) => {
    say('error', [error.name, error.constructor.name, error.message])
  })
  const stopped = await chat.create({ model: `${server}/chat-stream-ids-usage`, messages, stream: true })
  for await (const { choices } of stopped) {
    say('stopped at', choices[0]?.delta.content)
    break
  }
}
