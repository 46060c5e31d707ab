// Started by `offline.test.ts` in a network of its own that has nothing but loopback: a server, a stand-in for
// a model and one AgentOps program, then `kill -9` for the server. Arguments: interpreter, program, folder of
// shared modules, data directory, witness file. Prints `{ code, stderr, reachable }` as JSON.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { startModelServer } from '../support/model-server.ts'
import { runProgram } from '../support/run-program.ts'

const [python, program, shared, dataDir, witness] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]
const launcher = join(import.meta.dirname, '..', '..', 'packages', 'agentlightning', 'bin', 'agl.js')
const port = 8002
const url = `http://127.0.0.1:${port}`
const args = [launcher, 'agentops', '--port', String(port), '--data-dir', dataDir]
const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
try {
  await untilHealthy()
  const model = await startModelServer()
  const client = await runProgram(python, [program], {
    cwd: dirname(witness),
    timeoutMs: 70_000,
    env: {
      PATH: process.env.PATH,
      HOME: dirname(witness),
      LANG: 'C.UTF-8',
      PYTHONPATH: shared,
      PYTHONDONTWRITEBYTECODE: '1',
      AGL_TEST_RUN: process.env.AGL_TEST_RUN,
      AGL_TEST_MODE: 'nested',
      AGL_TEST_WITNESS: witness,
      AGENTOPS_API_KEY: 'local',
      AGENTOPS_API_ENDPOINT: url,
      AGENTOPS_EXPORTER_ENDPOINT: `${url}/v1/traces`,
      AGENTOPS_APP_URL: url,
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: model.url,
    },
  })
  await model.close()
  console.log(
    JSON.stringify({ code: client.code, stderr: client.stderr, reachable: await reachable('192.0.2.1') }),
  )
} finally {
  if (server.exitCode === null) {
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
}

async function untilHealthy(): Promise<void> {
  const end = Date.now() + 30_000
  while (Date.now() < end) {
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the server did not answer within 30 s')
}

/** Why a connection beyond loopback cannot even be begun: the error's code, or `yes`. */
function reachable(host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443, timeout: 2_000 })
    const end = (result: string) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end('yes'))
    socket.once('timeout', () => end('no answer'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}
