// How a server in the foreground ends: by whom it may, and that nothing is left.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import {
  aglBin,
  isRunning,
  livingProcesses,
  runAgl,
  spawnAgl,
  startServer,
  tempDir,
  testEnv,
  until,
} from '../support/agl.ts'

function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).finally(() => socket.destroy()) as Promise<boolean>
}

function ended(child: ChildProcess): Promise<unknown> {
  return until('its end', () => child.exitCode !== null || child.signalCode !== null)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} drains and stops the server with status 0, and the port is free`, async () => {
    const server = await startServer()
    server.child.kill(signal)
    await ended(server.child)
    expect(server.child.exitCode).toBe(0)
    await expect.poll(server.output).toMatch(/stopp?ing[\s\S]*stopped/i)
    expect(await isOpen(server.port)).toBe(false)
  })
}

test('kill -9 leaves no process and no port, and the next start works', async () => {
  const server = await startServer()
  await server.kill()
  await until('no process is left', () => livingProcesses().length === 0)
  expect(await isOpen(server.port)).toBe(false)
  const again = await startServer({ dataDir: server.dataDir })
  expect(await again.stop()).toBe(0)
})

test('a second Ctrl-C ends it at once with status 130', async () => {
  const server = await startServer()
  // A request that never ends holds the drain.
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(
    'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n' +
      'Expect: 100-continue\r\n\r\n',
  )
  const [goOn] = (await once(socket, 'data')) as [Buffer]
  expect(String(goOn)).toMatch(/^HTTP\/1\.1 100 /)
  server.child.kill('SIGINT')
  await until('it is stopping', () => /stopping/i.test(server.output()))
  server.child.kill('SIGINT')
  await ended(server.child)
  socket.destroy()
  expect(server.child.exitCode).toBe(130)
})

test('Ctrl-C works although a shell without job control has it ignored', async () => {
  const dataDir = tempDir()
  const line = `trap "" INT; exec "$0" "$@"`
  const args = ['-c', line, process.execPath, aglBin, 'agentops', '--port', '0', '--data-dir', dataDir]
  const shell = spawn('sh', args, { env: testEnv(), stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve) => shell.stdout.once('data', resolve))
  shell.kill('SIGINT')
  await ended(shell)
  expect(shell.exitCode).toBe(0)
})

test('a reader that goes away does not end the server', async () => {
  const dataDir = tempDir()
  const child = spawnAgl(['agentops', '--port', '0', '--data-dir', dataDir, '--log-level', 'debug'])
  child.stdout?.destroy()
  child.stderr?.destroy()
  const found = await until('it answers', async () => {
    const { code, stdout } = await runAgl(['agentops', 'status', '--json', '--data-dir', dataDir])
    return code === 0 ? (JSON.parse(stdout) as { url: string; pid: number }) : undefined
  })
  expect((await fetch(`${found.url}/health`)).status).toBe(200)
  expect(isRunning(found.pid)).toBe(true)
  child.kill('SIGTERM')
  await ended(child)
  expect(child.exitCode).toBe(0)
})

test('the process is found by its title', async () => {
  const server = await startServer()
  const ps = spawn('ps', ['-o', 'args=', '-p', String(server.pid)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await ps.stdout.toArray()) as Buffer[]
  expect(String(line)).toContain('AgentLightning-AgentOpsServer')
  await server.stop()
})
