// What NODE_OPTIONS loads under `agl run`, on a given Node: the hooks where they can be, and no failure where not.
import { copyFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { root, tempDir } from '../support/agl.ts'
import { bundledJsHooks } from '../support/js-hooks.ts'
import { type Ended, runProgram } from '../support/run-program.ts'

const preload = join(root, 'packages', 'agentlightning', 'src', 'instrumentation', 'preload.cjs')
const hooked = "console.log(globalThis[Symbol.for('agentlightning.hooks')]?.ways[0])"

/** How the tests run a Node with the hooks in NODE_OPTIONS. */
export type RunHooked = (
  args: readonly string[],
  more?: { readonly env?: Record<string, string> },
) => Promise<Ended>

/** Declares the tests that each Node passes; for further ones, what they run it with. */
export function describePreload(node: string): { readonly run: RunHooked; hooksFolder(): string } {
  let folder: string

  beforeAll(async () => {
    folder = dirname(fileURLToPath((await bundledJsHooks('cjs')).register))
    if (process.env.AGL_DIST === undefined) copyFileSync(preload, join(folder, 'preload.cjs'))
  })
  const run: RunHooked = (args, { env = {} } = {}) => {
    const NODE_OPTIONS = `--require ${join(folder, 'preload.cjs')}`
    return runProgram(node, args, { cwd: tempDir(), env: { PATH: process.env.PATH, NODE_OPTIONS, ...env } })
  }

  it.each(['module', 'commonjs'] as const)('a program of type %s has the hooks', async (type) => {
    const ended = await run([`--input-type=${type}`, '-e', hooked])
    expect([ended.code, ended.stdout], ended.stderr).toEqual([0, 'fetch\n'])
  })

  it('a worker thread that is made of a text has them as well', async () => {
    const program = `new (require('worker_threads').Worker)(${JSON.stringify(hooked)}, { eval: true })`
    expect((await run(['-e', program])).stdout).toBe('fetch\n')
  })

  it('AGL_HOOKS=0 keeps them out', async () => {
    const ended = await run(['-e', hooked], { env: { AGL_HOOKS: '0' } })
    expect(ended).toMatchObject({ code: 0, stdout: 'undefined\n', stderr: '' })
  })

  it('hooks that cannot be loaded are one line, and the program runs', async () => {
    const broken = tempDir()
    copyFileSync(preload, join(broken, 'preload.cjs'))
    writeFileSync(join(broken, 'register.cjs'), 'this is no program')
    const env = { NODE_OPTIONS: `--require ${join(broken, 'preload.cjs')}` }
    const ended = await run(['-e', 'console.log(7)'], { env })
    expect(ended).toMatchObject({ code: 0, stdout: '7\n' })
    expect(ended.stderr).toMatch(/^agentlightning: the hooks were not loaded: .+\n$/)
  })
  return { run, hooksFolder: () => folder }
}
