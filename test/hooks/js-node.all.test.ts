// The same on older Nodes, with the hooks as they are shipped, and what is said where one is too old.
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bundledJsHooks } from '../support/js-hooks.ts'
import { requireMeans } from '../support/means.ts'
import { nodeEnvironment } from '../support/node-client.ts'
import { type OlderNode, olderNode } from '../support/older-node.ts'
import { describePrograms } from './js-programs-suite.ts'
import { prelude, runText } from './programs.ts'
import { startTold } from './spans.ts'

const hooks = await bundledJsHooks('esm')
const required = await bundledJsHooks('cjs')

const find = (version: OlderNode) =>
  requireMeans(`Node ${version}`, async () => ({
    node: await olderNode(version),
    folder: await nodeEnvironment('openai-5'),
  }))

for (const version of ['18', '20'] as const) {
  const found = await find(version)
  describe.runIf(found)(`under the hooks on Node ${version}`, () => {
    if (found) describePrograms({ ...found, hooks })
  })
}

const old = await find('18.17')

describe.runIf(old)('on Node 18.17, which has neither --import nor hooks for ES modules', () => {
  const plain = { body: '{"id":"c-1","prompt_token_ids":[11],"choices":[{"index":0,"token_ids":[40]}]}' }

  it.each(['module', 'commonjs'] as const)(
    'a program of type %s has the ids of calls by the global fetch, and hears of the rest',
    async (type) => {
      const told = await startTold()
      told.answers = [plain]
      const load = type === 'module' ? "import OpenAI from 'openai'" : "const OpenAI = require('openai')"
      const program = `${load}\n${prelude[type]}\nask(new OpenAI({ maxRetries: 0 })).then(report)`
      const args = [`--require=${fileURLToPath(required.register)}`]
      const place = { node: old?.node ?? '', folder: old?.folder ?? '', hooks: required }
      const ended = await runText(place, told.url, program, { type, args })
      await told.close()
      expect(ended.stdout.trim()).toBe('[[40]]')
      expect(ended.stderr.match(/agentlightning: Node 18\.17\.1 cannot show its ES modules/g)).toHaveLength(1)
    },
  )

  it('a Node without fetch is told so in one line', async () => {
    const program = 'globalThis.fetch === undefined && console.log("runs")'
    const args = ['--no-experimental-fetch', `--require=${fileURLToPath(required.register)}`]
    const place = { node: old?.node ?? '', folder: old?.folder ?? '', hooks: required }
    const ended = await runText(place, 'http://127.0.0.1:1', program, { args, type: 'commonjs' })
    expect(ended.stdout).toBe('runs\n')
    expect(ended.stderr).toBe(
      'agentlightning: this Node (18.17.1) runs without fetch: no token ids are collected\n',
    )
  })
})
