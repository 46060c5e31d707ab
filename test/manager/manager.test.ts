// AgentOpsServerManager as programs use it: real servers in child processes.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { AgentOpsServerManager, isAglError } from 'agentlightning'
import { expect, test } from 'vitest'
import { isRunning, livingProcesses, runAgl, tempDir, until } from '../support/agl.ts'

async function code(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isAglError(error) ? error.code : error === undefined ? 'none' : String(error)
}

function exitOf(manager: AgentOpsServerManager): Promise<unknown> {
  return new Promise((resolve) => manager.once('exit', resolve))
}

test('a started server answers, is described, and is gone after the block', async () => {
  let pid = 0
  {
    await using manager = new AgentOpsServerManager({ store: 'memory', port: 0 })
    expect(manager).toMatchObject({ daemon: true, url: undefined, pid: undefined, serverProcess: undefined })
    expect(manager.getPort()).toBeUndefined()
    expect(manager.isAlive()).toBe(false)
    await manager.start()
    expect(manager.isAlive()).toBe(true)
    pid = manager.pid as number
    expect(manager.serverProcess).toEqual({ pid, exitCode: null })
    expect(manager.url).toBe(`http://localhost:${manager.getPort()}`)
    expect(manager.serverPort).toBe(manager.getPort())
    const health = (await (await fetch(`${manager.url}/health`)).json()) as { pid: number }
    expect(health.pid).toBe(pid)
    expect(manager.env()).toMatchObject({
      AGENTOPS_API_ENDPOINT: manager.url,
      AGENTOPS_EXPORTER_ENDPOINT: `${manager.url}/v1/traces`,
      AGENTOPS_APP_URL: manager.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: manager.url,
    })
  }
  expect(isRunning(pid)).toBe(false)
})

test('what was acknowledged can be read after flush', async () => {
  await using manager = new AgentOpsServerManager({ store: 'memory', port: 0 })
  await manager.start()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const now = BigInt(Date.now()) * 1_000_000n
  const span = {
    traceId,
    spanId: 'b7ad6b7169203331',
    name: 'flushed',
    kind: 1,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1_000_000n),
  }
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
  const headers = { 'content-type': 'application/json' }
  const sent = await fetch(`${manager.env().OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`, {
    method: 'POST',
    headers,
    body,
  })
  expect(sent.status).toBe(200)
  await manager.flush()
  const listed = await (await fetch(`${manager.url}/api/v1/traces`)).text()
  expect(listed).toContain(traceId)
})

test('the port is kept from stop to start, and stop can be repeated', async () => {
  await using manager = new AgentOpsServerManager({ store: 'memory', port: 0 })
  await manager.start()
  const port = manager.getPort()
  await Promise.all([manager.stop(), manager.stop()])
  await manager.stop()
  expect(manager.isAlive()).toBe(false)
  expect(manager.getPort()).toBe(port)
  expect(manager.serverProcess?.exitCode).toBe(0)
  await manager.start()
  expect(manager.getPort()).toBe(port)
})

test('a crash is an event, and the next start takes the same port', async () => {
  await using manager = new AgentOpsServerManager({ dataDir: tempDir(), port: 0, logLevel: 'silent' })
  await manager.start()
  const [port, pid] = [manager.getPort(), manager.pid as number]
  const exit = exitOf(manager)
  process.kill(pid, 'SIGKILL')
  expect(await exit).toEqual({ code: null, signal: 'SIGKILL', crashed: true })
  expect(manager.isAlive()).toBe(false)
  expect(manager.pid).toBeUndefined()
  expect(manager.getPort()).toBe(port)
  expect(await code(manager.flush())).toBe('AGL_NOT_RUNNING')
  await manager.start()
  expect(manager.getPort()).toBe(port)
  expect(manager.pid).not.toBe(pid)
})

test('a server that another shell stops is noticed and is no crash', async () => {
  const dataDir = tempDir()
  await using manager = new AgentOpsServerManager({ dataDir, port: 0 })
  await manager.start()
  const exit = exitOf(manager)
  expect((await runAgl(['agentops', 'stop', '--data-dir', dataDir])).code).toBe(0)
  expect(await exit).toEqual({ code: 0, signal: null, crashed: false })
})

test('a second start of a live server changes nothing', async () => {
  await using manager = new AgentOpsServerManager({ store: 'memory', port: 0, logLevel: 'silent' })
  await Promise.all([manager.start(), manager.start()])
  const { pid } = manager
  await manager.start()
  expect(manager.pid).toBe(pid)
  await expect.poll(livingProcesses).toEqual([pid])
})

test('start rejects with the catalogued reason', async () => {
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const { port } = blocker.address() as { port: number }
  const quiet = { logLevel: 'silent' } as const
  const busy = new AgentOpsServerManager({ ...quiet, store: 'memory', port })
  const failure: unknown = await busy.start().catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'AGL_PORT_IN_USE', details: { port } })
  expect((failure as Error).message).toContain(`(pid ${process.pid})`)
  expect(busy.isAlive()).toBe(false)
  expect(busy.getPort()).toBe(port)
  await busy.stop()
  blocker.close()

  const dataDir = tempDir()
  await using first = new AgentOpsServerManager({ ...quiet, dataDir, port: 0 })
  await first.start()
  expect(await code(new AgentOpsServerManager({ ...quiet, dataDir, port: 0 }).start())).toBe(
    'AGL_DATA_DIR_IN_USE',
  )
  const beyond = new AgentOpsServerManager({ ...quiet, store: 'memory', port: 0, host: '0.0.0.0' })
  expect(await code(beyond.start())).toBe('AGL_HOST_NEEDS_KEY')
  await expect.poll(livingProcesses).toEqual([first.pid])
})

test('a start that takes too long is given up and leaves no process', async () => {
  const manager = new AgentOpsServerManager({ store: 'memory', port: 0, startTimeoutMs: 1 })
  expect(await code(manager.start())).toBe('AGL_START_TIMEOUT')
  await until('no process is left', () => livingProcesses().length === 0)
})

test('options that cannot be are refused at once', () => {
  for (const port of [-1, 65_536, 80.5, Number.NaN]) {
    expect(() => new AgentOpsServerManager({ port }), String(port)).toThrow(/is not a port/)
  }
  expect(() => new AgentOpsServerManager({ inProcess: true, detached: true })).toThrow(/both/)
  expect(new AgentOpsServerManager({ port: 4711 }).getPort()).toBe(4711)
})

test('a server that does not stop is killed', async () => {
  const manager = new AgentOpsServerManager({ store: 'memory', port: 0, logLevel: 'silent' })
  await manager.start()
  const { pid, dataDir } = manager
  process.kill(pid as number, 'SIGSTOP')
  const begun = Date.now()
  await manager.stop()
  expect(Date.now() - begun).toBeGreaterThan(4_900)
  expect(isRunning(pid as number)).toBe(false)
  expect(existsSync(dataDir as string)).toBe(false)
})

test('a server in this process can be started, stopped and started again', async () => {
  const dataDir = tempDir()
  await using manager = new AgentOpsServerManager({ dataDir, port: 0, inProcess: true })
  await manager.start()
  const port = manager.getPort()
  expect(manager.pid).toBe(process.pid)
  await manager.stop()
  expect(existsSync(join(dataDir, 'server.json'))).toBe(false)
  await manager.start()
  expect(manager.getPort()).toBe(port)
})

// How long that takes is asserted of the package as it is published (test/package).
test('eight managers at once get ready and fit into 1 GB', async () => {
  const managers = Array.from({ length: 8 }, () => new AgentOpsServerManager({ store: 'memory', port: 0 }))
  await Promise.all(managers.map((manager) => manager.start()))
  expect(new Set(managers.map((manager) => manager.getPort())).size).toBe(8)
  const kilobytes = managers.map(({ pid }) => {
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+) kB$/m.exec(memory)?.[1])
  })
  await Promise.all(managers.map((manager) => manager.stop()))
  await expect.poll(livingProcesses).toEqual([])
  expect(kilobytes.reduce((sum, one) => sum + one)).toBeLessThan(1_000_000)
})
