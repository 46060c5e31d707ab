// A server ends with the program that started it, however that ends, unless it was detached.
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isRunning, runAgl, tempDir, testEnv, until } from '../support/agl.ts'

const parent = fileURLToPath(new URL('./parent-program.ts', import.meta.url))

interface Started {
  child: ChildProcess
  pid: number
  port: number
}

async function startParent(options: object, then = ''): Promise<Started> {
  const args = ['--conditions=agl-source', parent, JSON.stringify(options), then]
  const child = spawn(process.execPath, args, { env: testEnv(), stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  const line = await until('the server of the parent', () => /^\{.*\}$/m.exec(output)?.[0], 60_000)
  return { child, ...(JSON.parse(line) as { pid: number; port: number }) }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`the server ends when its parent ends by ${signal}`, async () => {
    const { child, pid, port } = await startParent({ store: 'memory', port: 0 }, 'wait')
    expect(isRunning(pid)).toBe(true)
    child.kill(signal)
    await until('the server has ended', () => !isRunning(pid))
    expect(await isOpen(port)).toBe(false)
    await until('the program has ended', () => hasEnded(child))
    expect(child.signalCode).toBe(signal)
  })
}

test('with daemon true the program ends by itself, and the server with it', async () => {
  const { child, pid } = await startParent({ store: 'memory', port: 0 })
  await until('the program has ended', () => hasEnded(child))
  expect(child.exitCode).toBe(0)
  await until('the server has ended', () => !isRunning(pid))
})

test('with daemon false the program lives until stop', async () => {
  const kept = await startParent({ store: 'memory', port: 0, daemon: false })
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(hasEnded(kept.child)).toBe(false)
  kept.child.kill('SIGKILL')
  await until('the server has ended', () => !isRunning(kept.pid))
  const stopped = await startParent({ store: 'memory', port: 0, daemon: false }, 'stop')
  await until('the program has ended', () => hasEnded(stopped.child))
  expect(stopped.child.exitCode).toBe(0)
  expect(isRunning(stopped.pid)).toBe(false)
})

test('Ctrl-C for the whole group of a terminal is left to the parent', async () => {
  const { child, pid } = await startParent({ store: 'memory', port: 0 }, 'ignore SIGINT')
  process.kill(pid, 'SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(isRunning(pid)).toBe(true)
  child.kill('SIGKILL')
  await until('the server has ended', () => !isRunning(pid))
})

test('a detached server outlives its parent and is stopped from a shell', async () => {
  const dataDir = tempDir()
  const { child, pid } = await startParent({ dataDir, port: 0, detached: true })
  await until('the program has ended', () => hasEnded(child))
  expect(child.exitCode).toBe(0)
  expect(isRunning(pid)).toBe(true)
  const { stdout } = await runAgl(['agentops', 'stop', '--data-dir', dataDir])
  expect(stdout).toContain(`(pid ${pid})`)
  await until('the server has ended', () => !isRunning(pid))
})
