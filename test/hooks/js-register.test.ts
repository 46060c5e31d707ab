// How the hooks come into a program: before it, or by its own call.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { root, tempDir } from '../support/agl.ts'
import { runProgram } from '../support/run-program.ts'

const hooks = join(root, 'packages', 'agentlightning', 'src', 'instrumentation')
const url = (file: string): string => pathToFileURL(join(hooks, file)).href
const registered = url('register.ts')
const ways = "console.log(globalThis[Symbol.for('agentlightning.hooks')].ways.join())"

async function run(type: 'module' | 'commonjs', program: string, ...args: string[]): Promise<string> {
  const all = ['--conditions=agl-source', ...args, `--input-type=${type}`, '-e', program]
  const ended = await runProgram(process.execPath, all, {
    cwd: root,
    env: { PATH: process.env.PATH, AGL_TEST_RUN: process.env.AGL_TEST_RUN },
  })
  expect(ended.code, ended.stderr).toBe(0)
  expect(ended.stderr).toBe('')
  return ended.stdout.trim()
}

describe('node --import agentlightning/register', () => {
  const before = `--import=${registered}`

  it.each([
    ['commonjs', "require('openai')"],
    ['module', "await import('openai')"],
  ] as const)('finds the OpenAI SDK of a program of type %s', async (type, load) => {
    expect(await run(type, `${load}; ${ways}`, before)).toMatch(/^fetch,openai \d+\.\d+\.\d+$/)
  })

  it('loads nothing but Node itself into a program without SDKs', async () => {
    const listed = "console.log(Object.keys(require('node:module')._cache).length)"
    expect(await run('commonjs', `${listed}; ${ways}`, before)).toBe('0\nfetch')
  })

  it('leaves the HTTP client of Node, the most expensive part of it, to the first request', async () => {
    const listed = "console.log(process.moduleLoadList.filter((name) => name.endsWith('/undici')).length)"
    expect(await run('commonjs', `${listed}; Response; ${listed}`, before)).toBe('0\n1')
  })
})

describe('an AgentOps SDK', () => {
  const asIt =
    'class Client { init(options) { console.log(JSON.stringify(options)) } }\nmodule.exports = { Client }'
  const server = 'http://127.0.0.1:8002'
  const hosts = `{"apiEndpoint":"${server}","otlpEndpoint":"${server}"}`

  it.each([
    ['0.1.0', ''],
    ['0.2.0', 'agentlightning: agentops 0.2.0 is newer than the hooks: calls get spans of their own'],
  ])(
    'of version %s is turned to the server, and one that is unknown is said with what still works',
    async (version, warning) => {
      const folder = tempDir()
      mkdirSync(join(folder, 'node_modules/agentops/dist'), { recursive: true })
      const write = (name: string, text: string): void =>
        writeFileSync(join(folder, 'node_modules/agentops', name), text)
      write('package.json', JSON.stringify({ name: 'agentops', version, main: 'dist/client.js' }))
      write('dist/client.js', asIt)
      const args = ['--conditions=agl-source', `--import=${registered}`]
      const ended = await runProgram(
        process.execPath,
        [...args, '-e', "new (require('agentops').Client)().init({})"],
        {
          cwd: folder,
          env: { PATH: process.env.PATH, AGL_TEST_RUN: process.env.AGL_TEST_RUN, AGL_SERVER_URL: server },
        },
      )
      expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: `${hosts}\n` })
      expect(ended.stderr).toContain(warning)
      expect(ended.stderr).toContain(`the AgentOps SDK sends to ${server}`)
      expect(ended.stderr.includes('newer than the hooks')).toBe(warning !== '')
    },
  )
})

describe('instrumentAgentOps', () => {
  const call = `const { instrumentAgentOps, uninstrumentAgentOps } = await import('${url('index.ts')}')`

  it('finds what a program has loaded before', async () => {
    const program = `${call}; await import('openai'); await instrumentAgentOps().ready; ${ways}`
    expect(await run('module', program)).toMatch(/^fetch,openai/)
    const required = `const { createRequire } = await import('node:module'); createRequire('${root}/')('openai')`
    expect(await run('module', `${required}; ${call}; instrumentAgentOps(); ${ways}`)).toMatch(
      /^fetch,openai/,
    )
  })

  it('leaves modules alone that are loaded after it was taken back', async () => {
    const program = `${call}; instrumentAgentOps({ findLoaded: false }); uninstrumentAgentOps()
      const { OpenAI } = await import('openai')
      console.log(OpenAI.prototype.fetchWithTimeout.toString().startsWith('async'))`
    expect(await run('module', program)).toBe('true')
  })
})

describe('the loading hook of Node before 22.15', () => {
  it('hands the client over, too', async () => {
    const program = `const { loaderSource } = await import('${url('modules/loader-source.ts')}')
      const { register } = await import('node:module')
      globalThis[Symbol.for('agentlightning.hooks')] = {
        offer: (url, given) => given && console.log(url.split('/').pop(), given.name),
      }
      register('data:text/javascript,' + encodeURIComponent(loaderSource))
      await import('openai')`
    expect(await run('module', program)).toBe('client.mjs OpenAI')
  })
})
