// The server of a run: found, or started so that it is there afterwards.
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { runAgl, startServer, tempDir } from '../support/agl.ts'
import { startModelServer } from '../support/model-server.ts'
import { runProgram } from '../support/run-program.ts'
import { agl, programFolder, summaryOf } from './support.ts'

const started: string[] = []

afterEach(async () => {
  for (const dataDir of started.splice(0)) await runAgl(['agentops', 'stop', '--data-dir', dataDir])
})

function freshDir(): string {
  const dataDir = join(tempDir(), 'data dir')
  started.push(dataDir)
  return dataDir
}

test('several at once share one server, which is there afterwards and is told of once', async () => {
  const dataDir = freshDir()
  const args = ['--json', '--data-dir', dataDir, '--', 'true']
  const ended = await Promise.all([1, 2, 3].map(() => agl(args, { env: { AGL_PORT: '0' } })))
  for (const one of ended) expect(one, one.stderr).toMatchObject({ code: 0, stdout: '' })
  expect(new Set(ended.map((one) => summaryOf(one).server)).size).toBe(1)
  const told = ended.filter(({ stderr }) => stderr.includes('a server was started in the background'))
  expect(told).toHaveLength(1)
  expect(told[0]?.stderr).toContain(`(agl agentops stop --data-dir '${dataDir}' ends it)`)
  const status = await runAgl(['agentops', 'status', '--data-dir', dataDir])
  expect(status.code).toBe(0)
  const again = await agl(args)
  expect(summaryOf(again).server).toBe(summaryOf(ended[0] as (typeof ended)[0]).server)
  expect(again.stderr).not.toMatch(/started/)
})

test('a running server with another port is not taken for the one that was asked for', async () => {
  const server = await startServer()
  const other = server.port === 65_535 ? 65_534 : server.port + 1
  const ended = await agl(['--data-dir', server.dataDir, '--port', String(other), '--', 'true'])
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(new RegExp(`it runs at .*not on port ${other}.*AGL_DATA_DIR_IN_USE`))
  await server.stop()
})

test('a server that dies in between costs the program nothing but its record', async () => {
  const server = await startServer()
  const program =
    'import os, signal\nos.kill(int(os.environ["SERVER"]), signal.SIGKILL)\nraise SystemExit(5)\n'
  const cwd = programFolder({ 'agent.py': program })
  const args = ['--data-dir', server.dataDir, '--', 'python3', 'agent.py']
  const ended = await agl(args, { cwd, env: { SERVER: String(server.pid) } })
  expect(ended.code).toBe(5)
  expect(ended.stderr).toMatch(/^agl run: the server at \S+ does not answer: see `agl agentops status`\n$/)
  await server.kill()
})

test('a server that demands a key takes calls and spans of the program', async () => {
  const server = await startServer({ args: ['--api-key', 'k/1+2', '--require-key'] })
  const model = await startModelServer()
  const cwd = programFolder({ 'agent.py': 'from asking import ask\nprint(ask("with a key"))\n' })
  const args = ['--json', '--data-dir', server.dataDir, '--', 'python3', 'agent.py']
  const ended = await agl(args, { cwd, env: { OPENAI_BASE_URL: model.url } })
  expect(ended.stdout).toBe('You said: with a key\n')
  expect(summaryOf(ended).recorded?.calls).toBe(1)
  await model.close()
  await server.stop()
})

test('a server with upstreams serves a program that names none', async () => {
  const model = await startModelServer()
  const server = await startServer({ args: ['--upstream', model.url] })
  const cwd = programFolder({ 'agent.py': 'from asking import ask\nprint(ask("of the server"))\n' })
  const ended = await agl(['--quiet', '--data-dir', server.dataDir, '--', 'python3', 'agent.py'], { cwd })
  expect(ended.stdout).toBe('You said: of the server\n')
  await model.close()
  await server.stop()
})

test('an own collector stays, a cloud of AgentOps is replaced, and both are said', async () => {
  const server = await startServer()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    AGENTOPS_EXPORTER_ENDPOINT: 'https://otlp.agentops.ai/v1/traces',
  }
  const script = 'echo "$OTEL_EXPORTER_OTLP_ENDPOINT $AGENTOPS_EXPORTER_ENDPOINT"'
  const args = ['--data-dir', server.dataDir, '--', 'sh', '-c', script]
  const ended = await agl(args, { env })
  expect(ended.stdout).toBe(`http://collector:4318 ${server.url}/v1/traces\n`)
  expect(ended.stderr).toMatch(/OTEL_EXPORTER_OTLP_ENDPOINT stays as it is \(http:\/\/collector:4318\)/)
  expect(ended.stderr).toMatch(/AGENTOPS_EXPORTER_ENDPOINT \(https:\/\/otlp\.agentops\.ai\) is replaced/)
  await server.stop()
})

test('`agl agentops env --hooks` gives any shell what loads the hooks', async () => {
  const server = await startServer()
  const PYTHONPATH = tempDir()
  const env = { PYTHONPATH, NODE_OPTIONS: '--no-warnings' }
  const args = ['agentops', 'env', '--hooks', '--data-dir', server.dataDir]
  const { stdout } = await runAgl([...args, '--shell', 'sh'], { env })
  const program = 'import os, sys; print("agentlightning_hooks" in sys.modules, os.environ["AGL_SERVER_URL"])'
  const script = `${stdout}\npython3 -c '${program}'; "$0" -p 'process.env.NODE_OPTIONS'`
  const ended = await runProgram('sh', ['-c', script, process.execPath], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  })
  expect(ended.stderr).toBe('')
  const [python, node] = ended.stdout.trim().split('\n')
  expect(python).toBe(`True ${server.url}`)
  expect(node).toMatch(/^--no-warnings --require \S+$/)
  const json = JSON.parse((await runAgl([...args, '--shell', 'json'], { env })).stdout) as Record<
    string,
    string
  >
  expect(json).toMatchObject({ AGL_HOOKS: '1', AGL_SERVER_URL: server.url, NODE_OPTIONS: node })
  expect(json.PYTHONPATH?.endsWith(`:${PYTHONPATH}`)).toBe(true)
  await server.stop()
})
