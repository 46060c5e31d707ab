// Guards against work that grows faster than a reply. The bounds are some two hundred times what a laptop needs.
import { expect, it } from 'vitest'
import { Random } from '../../otlp/scan/fixtures/random.ts'
import { cutPlain } from './cut-plain.ts'
import { insertMembers } from './insert-members.ts'
import { readRequest } from './read-request.ts'
import { cutRulesFor } from './rules/cut-rules-for.ts'
import { StreamCutter } from './stream-cutter.ts'
import type { CutRules } from './types.ts'

const random = new Random(1)
const tokens = (count: number): number[] => Array.from({ length: count }, () => random.int(150_000))
const logprobs = {
  content: tokens(16_000).map((id) => ({ token: ' word', logprob: -id / 1e6, bytes: [32, 119] })),
}

function rules(streamed: boolean): CutRules {
  return cutRulesFor('vllm', 'chat', { streamed, added: ['return_token_ids'] }) as CutRules
}

function milliseconds(work: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}

it.each([
  ['0.9 MB of ids', null, 500],
  ['2 MB of ids and log probabilities', logprobs, 1200],
])('cuts a reply with %s', (_, inChoice, bound) => {
  const choice = {
    index: 0,
    message: { content: 'w '.repeat(20_000) },
    logprobs: inChoice,
    token_ids: tokens(16_000),
  }
  const reply = Buffer.from(JSON.stringify({ choices: [choice], prompt_token_ids: tokens(120_000) }))
  expect(milliseconds(() => cutPlain(reply, rules(false)))).toBeLessThan(bound)
})

it('reads and extends a prompt of 2.6 MB', () => {
  const body = Buffer.from(
    JSON.stringify({ messages: [{ content: 'w "q" '.repeat(330_000) }], stream: true }),
  )
  const work = (): void => {
    readRequest(body)
    insertMembers(body, [{ name: 'return_token_ids', json: 'true' }])
  }
  expect(milliseconds(work)).toBeLessThan(2500)
})

it('cuts 5,000 chunks of a stream', () => {
  const chunk = Buffer.from(
    'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":" two"},"token_ids":[464]}]}\n\n',
  )
  const cutter = new StreamCutter(rules(true))
  const work = (): void => {
    for (let i = 0; i < 5000; i++) cutter.push(chunk)
  }
  expect(milliseconds(work)).toBeLessThan(2000)
})

it('cuts an event that comes in single bytes, and one whose data has a line for each id', () => {
  const event = `data: {"prompt_token_ids":[${tokens(30_000).join(',')}]}\n\n`
  const bytes = Buffer.from(event)
  const spread = Buffer.from(event.replaceAll(',', ',\ndata: ').replaceAll('[', '\ndata: ['))
  const single = (): void => {
    const cutter = new StreamCutter(rules(true))
    for (let at = 0; at < bytes.length; at++) cutter.push(bytes.subarray(at, at + 1))
  }
  expect(milliseconds(single)).toBeLessThan(15_000)
  expect(milliseconds(() => new StreamCutter(rules(true)).push(spread))).toBeLessThan(5000)
})
