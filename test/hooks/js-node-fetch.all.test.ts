// Version 4 of the OpenAI SDK brings `node-fetch`, whose responses are streams of Node.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jsHooks } from '../support/js-hooks.ts'
import { requireMeans } from '../support/means.ts'
import { nodeEnvironment } from '../support/node-client.ts'
import type { Ended } from '../support/run-program.ts'
import { prelude, runText } from './programs.ts'
import { events, startTold, type Told } from './spans.ts'

const folder = await requireMeans('openai-4', () => nodeEnvironment('openai-4'))
const hooks = jsHooks()

describe.runIf(folder)('a program with version 4 of the OpenAI SDK', () => {
  let told: Told

  beforeAll(async () => {
    told = await startTold()
  })
  beforeEach(() => {
    told.got.length = 0
  })
  afterAll(() => told?.close())

  /** Runs a program with and without the hooks, against the same answers. */
  async function both(program: string, answers: Told['answers'], other = answers): Promise<Ended> {
    const text = `import OpenAI from 'openai'\n${prelude.module}\nconst client = new OpenAI({ maxRetries: 0 })\n${program}`
    const place = { node: process.execPath, hooks, folder: folder as string }
    told.answers = [...answers]
    const hooked = await runText(place, told.url, text, { args: [`--import=${hooks.register}`] })
    told.answers = [...other]
    const bare = await runText(place, told.url, text)
    expect(bare.code, bare.stderr).toBe(0)
    expect([hooked.code, hooked.stderr]).toEqual([0, ''])
    expect(hooked.stdout.split('\n')[0]).toBe(bare.stdout.split('\n')[0])
    return hooked
  }

  it.each([10, 1000, 16_384, 40_000, 200_000])(
    'gets an error of its request as it is, also where that is long: %i bytes',
    async (length) => {
      const message = 'x'.repeat(length)
      const program = 'await ask(client).catch((e) => console.log(e.status, e.message.length))'
      const { stdout } = await both(program, [{ status: 400, body: JSON.stringify({ error: { message } }) }])
      expect(stdout).toBe(`400 ${length + '400 '.length}\n`)
      expect(told.got).toHaveLength(2)
    },
  )

  it('gets a stream of SGLang that breaks off as one that breaks off', async () => {
    const choice = { index: 0, delta: { content: 'a' }, finish_reason: 'stop' }
    const content = { id: 'c-1', choices: [choice] }
    const extra = { id: 'c-1', choices: [], sglext: { input_ids: [11], output_ids: [[40]] } }
    const refusal = {
      status: 400,
      body: '{"message":"return_token_ids is not supported with streaming on /v1/chat/completions."}',
    }
    const program = `let chunks = 0
      try {
        const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true })
        for await (const _ of stream) chunks++
      } catch (error) { chunks += error.message }
      console.log(chunks)
      report()`
    const broken = { ...events([content, extra], ''), breaks: true }
    const { stdout } = await both(program, [refusal, broken], [{ ...events([content], ''), breaks: true }])
    expect(stdout).toMatch(/^1.*\n\[\[40\]\]\n$/)
  })
})
