// What a program leaves behind goes on when `agl run` has ended.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRunning, startServer, type TestServer, until } from '../support/agl.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { agl, callsOf, programFolder, summaryOf } from './support.ts'

let server: TestServer
let model: ModelServer

beforeAll(async () => {
  server = await startServer()
  model = await startModelServer()
})
afterAll(async () => {
  await server.stop()
  await model.close()
})

/** Leaves a process in a session of its own, which asks once the file `go` is there. */
const daemon = `import os, sys, time
from asking import ask
if os.fork():
    os._exit(0)
os.setsid()
for stream in range(3):
    os.dup2(os.open(os.devnull, os.O_RDWR), stream)
open("pid.new", "w").write(str(os.getpid()))
os.rename("pid.new", "pid")
while not os.path.exists("go"):
    time.sleep(0.05)
open("said.new", "w").write(ask("later"))
os.rename("said.new", "said")
`

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

test('a process that outlives the run can call its model, and the call is of the run', async () => {
  const cwd = programFolder({ 'agent.py': daemon })
  const args = ['--json', '--data-dir', server.dataDir, '--', 'python3', 'agent.py']
  const ended = await agl(args, { cwd, env: { OPENAI_BASE_URL: model.url } })
  expect(ended.code, ended.stderr).toBe(0)
  const pid = Number(await until('it runs', () => read(join(cwd, 'pid'))))
  const { runs } = (await (await fetch(`${server.url}/api/v1/gateway/runs`)).json()) as { runs: unknown[] }
  expect(runs).toEqual([])
  writeFileSync(join(cwd, 'go'), '')
  expect(await until('its answer', () => read(join(cwd, 'said')))).toBe('You said: later')
  await until('it is gone', () => !isRunning(pid))
  expect((await callsOf(server.dataDir)).map(({ run }) => run)).toEqual([summaryOf(ended).run])
})

test('a run that was ended by hand is over', async () => {
  const runs = `${server.url}/api/v1/gateway/runs`
  const body = JSON.stringify({ run: 'named', upstream: { openai: model.url } })
  await fetch(runs, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const asked = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] })
  const ask = () =>
    fetch(`${server.url}/gateway/r/named/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: asked,
    })
  expect((await ask()).status).toBe(200)
  expect((await fetch(`${runs}/named?serve=perhaps`, { method: 'DELETE' })).status).toBe(400)
  expect((await fetch(`${runs}/named?serve=true`, { method: 'DELETE' })).status).toBe(200)
  expect((await ask()).status).toBe(200)
  expect((await fetch(`${runs}/named`, { method: 'DELETE' })).status).toBe(200)
  expect((await ask()).status).toBe(404)
})
