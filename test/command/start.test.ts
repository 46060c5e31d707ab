// The original's four commands, and which port a server gets.

import { spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { runAgl, spawnAgl, startServer, tempDir, until } from '../support/agl.ts'
import { runAglUnprivileged } from '../support/unprivileged.ts'

const listeners: Server[] = []

afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close()
})

/** Takes a port for this process; undefined when somebody else has it. */
async function take(port: number): Promise<number | undefined> {
  const listener = createServer()
  const bound = await new Promise<boolean>((resolve) => {
    listener.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!bound) return undefined
  listeners.push(listener)
  const address = listener.address()
  return typeof address === 'object' && address ? address.port : undefined
}

async function isFree(port: number): Promise<boolean> {
  const bound = await take(port)
  const listener = bound === undefined ? undefined : listeners.pop()
  await new Promise<void>((resolve) => (listener ? listener.close(() => resolve()) : resolve()))
  return bound !== undefined
}

async function health(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>
}

test('agl agentops serves on 8002, or says which port it took instead, and ends with Ctrl-C', async () => {
  const dataDir = tempDir()
  const free = await isFree(8002)
  const child = spawnAgl(['agentops'], { env: { AGL_DATA_DIR: dataDir } })
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  await until('the banner', () => output.includes('Stop: Ctrl-C'))
  const url = /is ready at (\S+)/.exec(output)?.[1] as string
  if (free) expect(url).toBe('http://localhost:8002')
  else expect(output).toMatch(/^Port 8002 is in use.*: port \d+ is taken instead\.$/m)
  expect(await health(url)).toMatchObject({ product: 'agentlightning', pid: child.pid })
  for (const pasted of [
    'export AGENTOPS_API_KEY=',
    `export AGENTOPS_API_ENDPOINT=${url}`,
    `export AGENTOPS_EXPORTER_ENDPOINT=${url}/v1/traces`,
    `export AGENTOPS_APP_URL=${url}`,
    `apiEndpoint: '${url}', otlpEndpoint: '${url}'`,
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${url}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
  ]) {
    expect(output).toContain(pasted)
  }
  child.kill('SIGINT')
  await until('its end', () => child.exitCode !== null)
  expect(child.exitCode).toBe(0)
})

test('agl agentops --port 8080 serves there, or names who has the port', async () => {
  const env = { AGL_DATA_DIR: tempDir() }
  if (await isFree(8080)) {
    const server = await startServer({ args: ['--port', '8080'] })
    expect(server.url).toBe('http://localhost:8080')
    expect(await server.stop()).toBe(0)
    return
  }
  const { code, stderr } = await runAgl(['agentops', '--port', '8080'], { env })
  expect(code).toBe(1)
  expect(stderr).toContain('Port 8080 is already in use')
})

test('agl agentops --daemon returns when the server answers, and the server goes on', async () => {
  const env = { AGL_DATA_DIR: tempDir() }
  const started = await runAgl(['agentops', '--daemon'], { env })
  expect(started.stderr).toBe('')
  expect(started.code).toBe(0)
  const url = /is ready in the background at (\S+) \(pid (\d+)\)/.exec(started.stdout)
  expect(await health(url?.[1] as string)).toMatchObject({ pid: Number(url?.[2]) })
  const stopped = await runAgl(['agentops', 'stop'], { env })
  expect(stopped).toMatchObject({ code: 0, stdout: `stopped ${url?.[1]} (pid ${url?.[2]})\n` })
})

test('agl agentops --port 8080 --daemon is there on 8080, or fails and says who has it', async () => {
  const env = { AGL_DATA_DIR: tempDir() }
  const free = await isFree(8080)
  const { code, stdout, stderr } = await runAgl(['agentops', '--port', '8080', '--daemon'], { env })
  if (free) {
    expect(code).toBe(0)
    expect(await health('http://localhost:8080')).toMatchObject({ product: 'agentlightning' })
  } else {
    expect(code).toBe(1)
    expect(stdout + stderr).toContain('Port 8080 is already in use')
  }
  expect((await runAgl(['agentops', 'stop'], { env })).code).toBe(0)
})

test('a busy 8002 is replaced by a free port, and that is said with the name of its holder', async () => {
  const mine = await take(8002)
  const dataDir = tempDir()
  const child = spawnAgl(['agentops', '--data-dir', dataDir])
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  await until('the banner', () => output.includes('Stop: Ctrl-C'))
  const holder = mine === undefined ? '' : ` \\(pid ${process.pid}\\)`
  expect(output).toMatch(new RegExp(`^Port 8002 is in use.*${holder}: port \\d+ is taken instead\\.$`, 'm'))
  child.kill('SIGTERM')
  await until('its end', () => child.exitCode !== null)
})

test('a busy port that was asked for is an error that names the process', async () => {
  const port = await take(0)
  for (const daemon of [[], ['--daemon']]) {
    const args = ['agentops', '--port', String(port), '--data-dir', tempDir(), ...daemon]
    const { code, stderr } = await runAgl(args)
    expect(stderr).toMatch(new RegExp(`Port ${port} is already in use by .+ \\(pid ${process.pid}\\)\\.`))
    expect(code).toBe(1)
  }
})

test('a port held by another of our servers is recognised as such', async () => {
  const other = await startServer()
  const { code, stderr } = await runAgl(['agentops', '--port', String(other.port), '--data-dir', tempDir()])
  expect(stderr).toContain(`by another Agent Lightning server (pid ${other.pid})`)
  expect(code).toBe(1)
  await other.stop()
})

test('--port 0 takes a free port and reports the one really bound', async () => {
  const server = await startServer({ args: ['--port', '0'] })
  expect(server.port).toBeGreaterThan(0)
  expect(await health(server.url)).toMatchObject({ pid: server.pid })
  expect(await server.stop()).toBe(0)
})

test('a privileged port is refused in one line with status 2', () => {
  const dataDir = tempDir()
  const args = ['agentops', '--port', '80', '--data-dir', dataDir, '--log-level', 'silent']
  const { code, stderr } = runAglUnprivileged(args, [dataDir])
  expect(stderr).toMatch(/^Port 80 needs privileges that this user does not have\..*\n$/)
  expect(code).toBe(2)
})

test('a second start on the same data directory reports the server that runs there', async () => {
  const server = await startServer()
  for (const more of [[], ['--port', String(server.port)], ['--daemon']]) {
    const { code, stdout } = await runAgl(['agentops', ...more, '--data-dir', server.dataDir])
    expect(stdout).toContain(`already running at ${server.url} (pid ${server.pid})`)
    expect(code).toBe(0)
  }
  const { code, stderr } = await runAgl(['agentops', '--port', '1234', '--data-dir', server.dataDir])
  expect(stderr).toContain(`it runs at ${server.url} (pid ${server.pid}), not on port 1234`)
  expect(code).toBe(1)
  await server.stop()
})

test('of two starts at the same moment one serves and the other reports it', async () => {
  const args = ['agentops', '--port', '0', '--daemon', '--data-dir', tempDir()]
  const both = await Promise.all([runAgl(args), runAgl(args)])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  const urls = both.map(({ stdout }) => /at (http:\S+)/.exec(stdout)?.[1])
  expect(urls[0]).toBe(urls[1])
  await runAgl(['agentops', 'stop', '--data-dir', args[5] as string])
})

test('a memory server keeps nothing and leaves no directory', async () => {
  const server = await startServer({ args: ['--store', 'memory'] })
  const dataDir = await until('the banner', () => /^Data: (\S+) \(removed/m.exec(server.output())?.[1])
  expect(spawnSync('ls', [dataDir]).status).toBe(0)
  await server.stop()
  expect(spawnSync('ls', [dataDir]).status).not.toBe(0)
})
