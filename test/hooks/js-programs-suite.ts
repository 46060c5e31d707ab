// What the hooks must stand in a program, on a given Node: threads, bundles, copies, and SDKs that nobody knows.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { tempDir } from '../support/agl.ts'
import { bundledJsHooks } from '../support/js-hooks.ts'
import { runProgram } from '../support/run-program.ts'
import { bundled, type Place, prelude, runFile, runText } from './programs.ts'
import { startTold, type Told } from './spans.ts'

const plain = { body: '{"id":"c-1","prompt_token_ids":[11],"choices":[{"index":0,"token_ids":[40]}]}' }

/** Declares the tests. */
export function describePrograms(place: Place): void {
  const { register, instrumentation } = place.hooks
  const before = [`--import=${register}`]
  let told: Told

  beforeAll(async () => {
    told = await startTold()
  })
  beforeEach(() => {
    told.answers = [plain]
    told.got.length = 0
  })
  afterAll(() => told?.close())

  const expectOnce = (ended: { stdout: string; stderr: string }, times = 1): void => {
    expect([ended.stdout.trim(), ended.stderr]).toEqual([JSON.stringify(Array(times).fill([40])), ''])
    expect(told.got.map(({ body }) => body.return_token_ids)).toEqual(Array(times).fill(true))
  }
  const plainCall = { module: "import OpenAI from 'openai'", commonjs: "const OpenAI = require('openai')" }
  const callOf = (type: 'module' | 'commonjs'): string =>
    `${plainCall[type]}\n${prelude[type]}\nask(new OpenAI({ maxRetries: 0 })).then(report)`

  it.each(['module', 'commonjs'] as const)('a program of type %s has its ids', async (type) => {
    expectOnce(await runText(place, told.url, callOf(type), { type, args: before }))
  })

  it('a client with a fetch of its own has them, whether it is imported or required', async () => {
    for (const type of ['module', 'commonjs'] as const) {
      told.got.length = 0
      const own = `${plainCall[type]}\n${prelude[type]}
        const before = globalThis.fetch
        ask(new OpenAI({ maxRetries: 0, fetch: (...args) => before(...args) })).then(report)`
      expectOnce(await runText(place, told.url, own, { type, args: before }))
    }
  })

  it('a worker thread has them: what Node was started with counts for it, too', async () => {
    const folder = tempDir()
    symlinkSync(join(place.folder, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'worker.cjs'), callOf('commonjs'))
    const main = join(folder, 'main.cjs')
    writeFileSync(main, "new (require('node:worker_threads').Worker)(__dirname + '/worker.cjs')")
    expectOnce(await runFile(place, told.url, [main], { args: before }))
  })

  it('a worker thread made of a text has them with --require, which alone Node gives it', async () => {
    const { register: required } = await bundledJsHooks('cjs')
    const worker = JSON.stringify(callOf('commonjs'))
    const program = `const { Worker } = require('node:worker_threads'); new Worker(${worker}, { eval: true })`
    const args = [`--require=${fileURLToPath(required)}`]
    expectOnce(await runText(place, told.url, program, { type: 'commonjs', args }))
  })

  it('a worker thread that calls for the hooks itself has them', async () => {
    const call = `import(${JSON.stringify(instrumentation)}).then(({ instrumentAgentOps }) => {
      instrumentAgentOps({ findLoaded: false })
      ${callOf('commonjs')}
    })`
    const program = `const { Worker } = require('node:worker_threads'); new Worker(${JSON.stringify(call)}, { eval: true })`
    expectOnce(await runText(place, told.url, program, { type: 'commonjs' }))
  })

  it.each(['esm', 'cjs'] as const)('a bundled program has them, as %s', async (format) => {
    const file = await bundled(place, callOf('module'), format)
    expectOnce(await runFile(place, told.url, [file], { args: before }))
  })

  it.each(['esm', 'cjs'] as const)(
    'a program that has the hooks in its bundle has them, as %s',
    async (format) => {
      const at = JSON.stringify(fileURLToPath(instrumentation))
      const program = `import { instrumentAgentOps } from ${at}\n${plainCall.module}\n${prelude.module}
      const own = globalThis.fetch
      instrumentAgentOps({ clients: [OpenAI] })
      ask(new OpenAI({ maxRetries: 0, fetch: (...args) => own(...args) })).then(report)`
      expectOnce(await runFile(place, told.url, [await bundled(place, program, format)]))
    },
  )

  it('taken back they leave nothing, in neither form of an SDK that a program has in both', async () => {
    const program = `import Module, { createRequire } from 'node:module'
      import imported from 'openai'
      ${prelude.module}
      const required = createRequire(process.cwd() + '/x').call(undefined, 'openai')
      const own = globalThis.fetch
      const clients = [imported, required].map((OpenAI) => new OpenAI({ maxRetries: 0, fetch: (...args) => own(...args) }))
      const everything = () => {
        const methods = [imported, required].map((OpenAI) => Object.getOwnPropertyDescriptors(OpenAI.prototype))
        const fetch = Object.getOwnPropertyDescriptor(globalThis, 'fetch')
        const { _compile } = Module.prototype
        const ours = Reflect.ownKeys(globalThis).filter((key) => String(key).includes('agentlightning'))
        return [...methods, fetch, _compile, { ...process.env }, ours]
      }
      const { deepStrictEqual } = await import('node:assert')
      const before = everything()
      const { instrumentAgentOps, uninstrumentAgentOps } = await import(${JSON.stringify(instrumentation)})
      await instrumentAgentOps().ready
      for (const client of clients) await ask(client)
      uninstrumentAgentOps()
      deepStrictEqual(everything(), before)
      report()`
    expectOnce(await runText(place, told.url, program), 2)
  })

  it('several copies of the hooks, put in several times, are one', async () => {
    const [esm, cjs] = [await bundledJsHooks('esm'), await bundledJsHooks('cjs')]
    const program = `${callOf('module').replace('ask(', 'await ask(')}
      const copies = [${JSON.stringify(esm.instrumentation)}, ${JSON.stringify(cjs.instrumentation)}]
      for (const copy of copies) {
        const { instrumentAgentOps } = await import(copy)
        await instrumentAgentOps().ready
      }
      await ask(new OpenAI({ maxRetries: 0 }))
      const last = await import(copies[1])
      if (!last.uninstrumentAgentOps() || last.uninstrumentAgentOps()) throw new Error('not one')
      if ((await ask(new OpenAI({ maxRetries: 0 }))).id !== 'c-1') throw new Error('no reply')
      report()`
    const args = [...before, `--require=${fileURLToPath(cjs.register)}`]
    const env = { NODE_OPTIONS: `--import=${esm.register}` }
    const ended = await runText(place, told.url, program, { args, env })
    expect(ended.stderr).toBe('')
    expect(ended.stdout.trim().split('\n').at(-1)).toBe('[[40],[40]]')
    expect(told.got.map(({ body }) => body.return_token_ids)).toEqual([true, true, undefined])
  })

  it.each([
    ['module', 'index.mjs'],
    ['commonjs', 'dist/index.js'],
  ] as const)('an OpenAI SDK that is built otherwise is said once, and works: %s', async (type, main) => {
    const folder = tempDir()
    const home = join(folder, 'node_modules', 'openai')
    mkdirSync(join(home, 'dist'), { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify({ version: '99.0.0', main }))
    const own = 'class OpenAI { ask() { return 5 } }'
    const source = type === 'module' ? `${own}\nexport default OpenAI` : `${own}\nmodule.exports = OpenAI`
    writeFileSync(join(home, main), source)
    const program = `${plainCall[type]}\nconsole.log(new OpenAI().ask())`
    const ended = await runText({ ...place, folder }, told.url, program, { type, args: before })
    expect([ended.code, ended.stdout]).toEqual([0, '5\n'])
    expect(ended.stderr).toBe(
      'agentlightning: openai 99.0.0: its client is unknown. Calls through the global fetch are seen; ' +
        'those of clients with a fetch of their own, or made before the hooks, are not\n',
    )
  })

  it('a program whose standard error nobody reads any more lives', async () => {
    const program = `setTimeout(() => {
      globalThis[Symbol.for('agentlightning.hooks')].add(class Unknown {})
      setTimeout(() => console.log('lived'), 100)
    }, 300)`
    const { node } = place
    const all = [node, ...place.hooks.conditions, ...before, '-e', program]
    const quoted = all.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ')
    const out = join(tempDir(), 'out')
    // The reader of standard error is gone before the hooks speak.
    const ended = await runProgram('sh', ['-c', `${quoted} 2>&1 >'${out}' | true; sleep 1; cat '${out}'`])
    expect(ended.stdout).toBe('lived\n')
  })
}
