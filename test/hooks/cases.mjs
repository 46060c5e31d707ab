// Every way to make a call with the client of OpenAI, each with its name as the question, for whichever version of it
// and on every Node that the hooks run on. What the program sees of the replies is printed.

const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }]
const schema = {
  type: 'object',
  properties: { answer: { type: 'integer' } },
  required: ['answer'],
  additionalProperties: false,
}
const format = { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } }

/** Puts the hooks in where the test says so; gives what takes them out again. */
export async function hooksByCall() {
  const address = process.env.AGL_TEST_BY_CALL
  if (!address) return undefined
  const { instrumentAgentOps, uninstrumentAgentOps } = await import(address)
  await instrumentAgentOps().ready
  await instrumentAgentOps().ready
  return uninstrumentAgentOps
}

/** Runs one call and prints what came of it. */
export async function see(name, call) {
  let result
  try {
    result = await call(name)
  } catch (error) {
    result = [error.constructor.name, error.message]
  }
  console.log(`SEEN ${JSON.stringify([name, result])}`)
}

function asked(name, more) {
  return { model: 'm', messages: [{ role: 'user', content: `case ${name}` }], ...more }
}

function seen({ choices }) {
  return choices.map(({ index, message }) => [
    index,
    message.content,
    (message.tool_calls ?? []).map((call) => call.function.name),
  ])
}

async function seenChunks(stream) {
  const texts = {}
  let calls = 0
  let unasked = 0
  for await (const chunk of stream) {
    if (chunk.sglext) unasked++
    for (const { index, delta } of chunk.choices) {
      texts[index] = (texts[index] ?? '') + (delta.content ?? '')
      calls += delta.tool_calls?.length ?? 0
    }
  }
  return [texts, calls, unasked]
}

/** Runs calls at once, as `together-a` and so on, and prints what came of each. */
export async function seeTogether(calls) {
  const names = calls.map((_, at) => `together-${String.fromCharCode(97 + at)}`)
  const results = await Promise.all(calls.map((call, at) => call(names[at])))
  for (const [at, name] of names.entries()) await see(name, () => results[at])
}

/**
 * Makes the calls.
 *
 * @param skipped names of those that an instrumentation breaks by itself
 */
export async function openaiCases(client, skipped = []) {
  const { completions } = client.chat
  // Version 4 has its helpers elsewhere.
  const helpers = typeof completions.parse === 'function' ? completions : client.beta.chat.completions
  const create = async (name, more) => seen(await completions.create(asked(name, more)))
  const stream = async (name, more) =>
    seenChunks(await completions.create(asked(name, { ...more, stream: true })))
  const cases = {
    plain: create,
    stream,
    raw: async (name) => {
      const response = await completions.create(asked(name)).asResponse()
      return [response.status, response.bodyUsed, seen(await response.json())]
    },
    'raw-stream': async (name) => {
      const response = await completions.create(asked(name, { stream: true })).asResponse()
      const text = await response.text()
      return [response.headers.get('content-type'), text.endsWith('[DONE]\n\n'), text.includes('sglext')]
    },
    'with-response': async (name) => {
      const { data, response } = await completions.create(asked(name)).withResponse()
      return [response.status, response.url.endsWith('/v1/chat/completions'), seen(data)]
    },
    n: (name) => create(name, { n: 3 }),
    'n-stream': (name) => stream(name, { n: 3 }),
    tools: (name) => create(name, { tools }),
    'tools-stream': (name) => stream(name, { tools }),
    parse: async (name) => seen(await helpers.parse(asked(name, { response_format: format }))),
    helper: async (name) => {
      const helper = helpers.stream(asked(name))
      return seen(await helper.finalChatCompletion())
    },
    logprobs: async (name) => create(name, { logprobs: true }),
    error: (name) => create(name, { model: 'status-500' }),
    'error-stream': (name) => stream(name, { model: 'status-429' }),
  }
  for (const [name, call] of Object.entries(cases)) if (!skipped.includes(name)) await see(name, call)
  await seeTogether([create, stream, create, (name) => stream(name, { n: 3 })])
}

/** One more call, when the hooks are out. */
export function afterwards(client) {
  return see('after', async (name) => seen(await client.chat.completions.create(asked(name))))
}
