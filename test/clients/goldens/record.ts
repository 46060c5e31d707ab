// Records the goldens anew: runs each client against a real server through a proxy that keeps its requests.
// Needs the environments of the client tests. Run it as: AGL_TEST_RUN=golden node test/clients/goldens/record.ts
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startModelServer } from '../../support/model-server.ts'
import { nodeEnvironment } from '../../support/node-client.ts'
import { pythonEnvironment } from '../../support/python.ts'
import { runProgram } from '../../support/run-program.ts'
import { agentOpsEnv, runPythonClient } from '../client-run.ts'
import { instrumentations, runInstrumentation } from '../instrumentations/clients.ts'
import { type Golden, type GoldenRequest, SESSION_TOKEN, TOKEN } from './golden.ts'
import { type Passed, startProxy } from './proxy.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const key = '11111111-2222-4333-8444-555555555555'
const kept = [
  'content-type',
  'content-encoding',
  'user-agent',
  'trace-id',
  'x-agentops-api-key',
  'authorization',
]
const texts = /json|^$/

for (const version of process.argv.slice(2).length > 0 ? process.argv.slice(2) : allClients()) {
  const folder = mkdtempSync(join(tmpdir(), 'agl-golden-'))
  const server = spawn(process.execPath, [
    join(root, 'packages/agentlightning/bin/agl.js'),
    'agentops',
    '--port',
    '0',
    '--data-dir',
    join(folder, 'data'),
  ])
  const proxy = await startProxy(await readyUrl(server.stdout))
  const model = await startModelServer()
  const client = await run(version, proxy.url, model.url, folder)
  const golden: Golden = { client, requests: proxy.passed.map((request) => scrub(request, folder)) }
  writeFileSync(
    join(import.meta.dirname, 'recorded', `${version}.json`),
    `${JSON.stringify(golden, null, 1)}\n`,
  )
  process.stdout.write(`${client}: ${golden.requests.length} requests\n`)
  await model.close()
  await proxy.close()
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

function allClients(): string[] {
  const others = instrumentations.map(({ id }) => id)
  return ['0.2.6', '0.3.26', '0.4.6', '0.4.13', '0.4.16', '0.4.21', 'js-0.1.0', ...others]
}

async function run(version: string, url: string, modelUrl: string, folder: string): Promise<string> {
  const instrumentation = instrumentations.find(({ id }) => id === version)
  if (instrumentation) {
    const ended = await runInstrumentation(instrumentation, folder, { server: url, model: modelUrl })
    if (ended.code !== 0) throw new Error(ended.stderr)
    return instrumentation.title
  }
  const models = { OPENAI_API_KEY: 'local', OPENAI_BASE_URL: modelUrl }
  if (version.startsWith('js-')) {
    const cwd = await nodeEnvironment(`agentops-${version.slice(3)}`)
    const env = { PATH: process.env.PATH, AGL_TEST_URL: url, ...models }
    const ended = await runProgram(process.execPath, ['program.mjs'], { cwd, env })
    if (ended.code !== 0) throw new Error(ended.stderr)
    return `AgentOps JS ${version.slice(3)}`
  }
  const environment = await pythonEnvironment(`agentops-${version}`)
  const ended = await runPythonClient(environment, folder, {
    ...agentOpsEnv(url),
    ...models,
    AGENTOPS_API_KEY: key,
    // The account of the machine is of no use to a test.
    AGENTOPS_ENV_DATA_OPT_OUT: 'true',
    AGL_TEST_MODE: 'nested',
  })
  if (ended.code !== 0) throw new Error(ended.stderr)
  return `AgentOps Python ${version}`
}

/** Without tokens, and without the names of this machine: replaced by as many letters, since lengths are written. */
function scrub({ method, url, headers, body }: Passed, folder: string): GoldenRequest {
  const base64 = !texts.test(String(headers['content-type'] ?? ''))
  let text = body.toString('latin1')
  // A short host name may be a part of other words: it is replaced where it is a value.
  for (const name of [root, folder, `"${hostname()}"`])
    text = text.replaceAll(name, name.replace(/[^/"]/g, 'x'))
  text = text.replace(/("jwt": ?)"eyJ[^"]*"/g, '$1"removed"')
  const bytes = Buffer.from(text, 'latin1')
  const shown = kept.flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, name === 'authorization' ? placeholder(value) : value]] : []
  })
  return {
    method,
    url,
    headers: Object.fromEntries(shown) as Record<string, string>,
    body: bytes.toString(base64 ? 'base64' : 'utf8'),
    ...(base64 ? { base64 } : {}),
  }
}

function placeholder(authorization: string): string {
  const [, token = ''] = authorization.split(' ')
  const [, payload] = token.split('.')
  if (!payload) return authorization
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { session_id?: string }
  return claims.session_id ? `Bearer ${SESSION_TOKEN} ${claims.session_id}` : `Bearer ${TOKEN}`
}

function readyUrl(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    stream.on('data', (part: Buffer) => {
      text += part.toString()
      const url = /ready at (http:\/\/\S+)/.exec(text)?.[1]
      if (url) resolve(url)
    })
  })
}
