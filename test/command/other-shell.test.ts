// status, stop, restart, logs, env and open find a server from any shell, and believe no stale file.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRunning, runAgl, spawnAgl, startServer, tempDir, testEnv, until } from '../support/agl.ts'

const dataDir = tempDir()
const env = { AGL_DATA_DIR: dataDir }
let url = ''
let pid = 0

async function statusOf(directory: string): Promise<Record<string, unknown>> {
  return JSON.parse((await runAgl(['agentops', 'status', '--json', '--data-dir', directory])).stdout)
}

beforeAll(async () => {
  const { stdout } = await runAgl(['agentops', '--port', '0', '--daemon'], { env })
  const found = /at (http:\S+) \(pid (\d+)\)/.exec(stdout)
  url = found?.[1] as string
  pid = Number(found?.[2])
})

afterAll(async () => {
  await runAgl(['agentops', 'stop'], { env })
})

test('status tells where the server is, and 0', async () => {
  const text = await runAgl(['agentops', 'status'], { env })
  expect(text).toMatchObject({ code: 0, stderr: '' })
  expect(text.stdout).toContain(`running at ${url} (pid ${pid})`)
  const json = await statusOf(dataDir)
  expect(json).toMatchObject({
    running: true,
    answers: true,
    url,
    pid,
    dataDir,
    port: Number(new URL(url).port),
  })
  expect(json.details).toMatchObject({ product: 'agentlightning', pid })
})

test('the state file and the log are readable for their owner alone', () => {
  for (const name of ['server.json', 'server.log']) {
    expect(statSync(join(dataDir, name)).mode & 0o777, name).toBe(0o600)
  }
})

test('logs prints the lines of a life, and follows what is added', async () => {
  const { stdout, code } = await runAgl(['agentops', 'logs'], { env })
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /configured[\s\S]*starting on port 0[\s\S]*ready at http:\/\/localhost:\d+ \(pid \d+\)/,
  )
  expect((await runAgl(['agentops', 'logs', '-n', '1'], { env })).stdout.split('\n')).toHaveLength(2)
  const follower = spawnAgl(['agentops', 'logs', '--follow', '--lines', '0'], { env })
  let followed = ''
  follower.stdout?.on('data', (text) => (followed += text))
  await until('a line that is added', () => {
    writeFileSync(join(dataDir, 'server.log'), 'a line of this test\n', { flag: 'a' })
    return followed.includes('a line of this test')
  })
  follower.kill('SIGINT')
})

test('env prints settings that a shell takes', async () => {
  const { stdout } = await runAgl(['agentops', 'env', '--shell', 'sh'], { env })
  const script = `${stdout}\necho "$AGENTOPS_EXPORTER_ENDPOINT $OTEL_EXPORTER_OTLP_PROTOCOL"`
  expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe(
    `${url}/v1/traces http/protobuf\n`,
  )
  const json = await runAgl(['agentops', 'env', '--shell', 'json'], { env })
  expect(JSON.parse(json.stdout)).toMatchObject({
    AGENTOPS_API_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
  })
  const proxied = { ...env, https_proxy: 'http://proxy:3128', no_proxy: 'intern' }
  const fish = await runAgl(['agentops', 'env', '--shell', 'fish'], { env: proxied })
  expect(fish.stdout).toContain('set -gx NO_PROXY intern,localhost,127.0.0.1,::1')
})

test('a proxy in the environment is not asked for our own server', async () => {
  const proxied = {
    ...env,
    HTTP_PROXY: 'http://127.0.0.1:9',
    http_proxy: 'http://127.0.0.1:9',
    NODE_USE_ENV_PROXY: '1',
  }
  expect((await runAgl(['agentops', 'status'], { env: proxied })).code).toBe(0)
})

test('open gives the address to the browser of the desktop, and a failure is only a line', async () => {
  const bin = tempDir()
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > ${bin}/opened\n`)
  chmodSync(join(bin, 'xdg-open'), 0o755)
  expect((await runAgl(['agentops', 'open'], { env: { ...env, PATH: `${bin}:/bin:/usr/bin` } })).code).toBe(0)
  expect(readFileSync(join(bin, 'opened'), 'utf8')).toBe(`${url}\n`)
  const without = await runAgl(['agentops', 'open'], { env: { ...env, PATH: tempDir() } })
  expect(without.code).toBe(0)
  expect(without.stderr).toContain(`go to ${url}`)
})

test('restart keeps the port and the settings, and is another process', async () => {
  const first = await runAgl([
    'agentops',
    '--port',
    '0',
    '--daemon',
    '--data-dir',
    tempDir(),
    '--api-key',
    'k1',
  ])
  const [, at, before] = /at (http:\S+) \(pid (\d+)\)/.exec(first.stdout) ?? []
  const directory = /^Data: (.+)$/m.exec(first.stdout)?.[1] as string
  const again = await runAgl(['agentops', 'restart', '--data-dir', directory, '--log-level', 'debug'])
  expect(again.code).toBe(0)
  const [, url2, after] = /ready in the background at (http:\S+) \(pid (\d+)\)/.exec(again.stdout) ?? []
  expect(url2).toBe(at)
  expect(after).not.toBe(before)
  expect(again.stdout).toContain('AGENTOPS_API_KEY=k1')
  expect((await runAgl(['agentops', 'stop', '--data-dir', directory])).code).toBe(0)
})

test('stop ends a server of the foreground of another shell, and says when none runs', async () => {
  const server = await startServer()
  const args = ['agentops', 'stop', '--data-dir', server.dataDir]
  expect(await runAgl(args)).toMatchObject({ code: 0, stdout: `stopped ${server.url} (pid ${server.pid})\n` })
  await until('it has ended', () => !isRunning(server.pid))
  await until('its exit status', () => server.child.exitCode !== null)
  expect(server.child.exitCode).toBe(0)
  expect(await runAgl(args)).toMatchObject({
    code: 0,
    stdout: `No server is running on ${server.dataDir}.\n`,
  })
})

test('without a server, status gives 3, and logs, env and open 1 with what to do', async () => {
  const empty = { AGL_DATA_DIR: tempDir() }
  const status = await runAgl(['agentops', 'status'], { env: empty })
  expect(status.code).toBe(3)
  expect(status.stdout).toContain('agl agentops --daemon')
  for (const command of ['env', 'open', 'logs']) {
    const { code, stderr } = await runAgl(['agentops', command], { env: empty })
    expect(code, command).toBe(1)
    expect(stderr, command).toMatch(/^(No server is running on|The log ).*\n$/)
  }
})

test('a stale state file whose pid is another program now is not believed, and that program lives', async () => {
  const server = await startServer()
  const state = JSON.parse(readFileSync(join(server.dataDir, 'server.json'), 'utf8'))
  await server.kill()
  const bystander = spawn('sleep', ['60'], { env: testEnv(), stdio: 'ignore' })
  writeFileSync(join(server.dataDir, 'server.json'), JSON.stringify({ ...state, pid: bystander.pid }))
  expect(await statusOf(server.dataDir)).toEqual({ running: false, dataDir: server.dataDir })
  const stopped = await runAgl(['agentops', 'stop', '--data-dir', server.dataDir])
  expect(stopped).toMatchObject({ code: 0, stdout: `No server is running on ${server.dataDir}.\n` })
  expect(isRunning(bystander.pid as number)).toBe(true)
  bystander.kill()
})

test('a stale state file that points to another of our servers does not stop that one', async () => {
  const other = await startServer()
  const dead = await startServer()
  const state = JSON.parse(readFileSync(join(dead.dataDir, 'server.json'), 'utf8'))
  await dead.kill()
  const wrong = { ...state, url: other.url, port: other.port, pid: other.pid }
  writeFileSync(join(dead.dataDir, 'server.json'), JSON.stringify(wrong))
  expect((await runAgl(['agentops', 'stop', '--data-dir', dead.dataDir])).stdout).toContain(
    'No server is running',
  )
  expect((await fetch(`${other.url}/health`)).status).toBe(200)
  await other.stop()
})

test('a server that hangs is killed, and that is said', async () => {
  const server = await startServer()
  process.kill(server.pid, 'SIGSTOP')
  const status = await runAgl(['agentops', 'status', '--data-dir', server.dataDir])
  expect(status.code).toBe(1)
  expect(status.stdout).toContain('does not answer')
  const stopped = await runAgl(['agentops', 'stop', '--data-dir', server.dataDir])
  expect(stopped.stdout).toContain('had to be killed')
  expect(stopped.code).toBe(0)
  await until('it has ended', () => !isRunning(server.pid))
})
