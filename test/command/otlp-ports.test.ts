// The ports beside the server's own: gRPC, and those at which exporters send by default.
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { runAgl, startServer, tempDir } from '../support/agl.ts'
import { call, grpcPortOf } from '../support/grpc.ts'
import { openConnection, postTraces } from '../support/http.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { getJson, readTrace, settled } from '../support/read-traces.ts'

const held: Server[] = []
afterEach(() => {
  for (const server of held.splice(0)) server.close()
})

/** Listens on a port of 127.0.0.1; undefined when another program does. */
async function take(port: number): Promise<Server | undefined> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  const taken = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (!taken) return undefined
  held.push(server)
  return server
}

const portOf = (server: Server) => (server.address() as { port: number }).port

interface Status {
  readonly ports: { readonly http: readonly number[]; readonly grpc: readonly number[] }
}

test('a gRPC port is shown by banner, status and health, and kept by restart; stop closes it', async () => {
  const args = ['--data-dir', tempDir()]
  const started = await runAgl(['agentops', '--daemon', '--port', '0', '--grpc-port', '0', ...args])
  expect(started.stderr).toBe('')
  const port = Number(/^Also listening on: (\d+) \(OTLP\/gRPC\)$/m.exec(started.stdout)?.[1])
  const { ports } = JSON.parse((await runAgl(['agentops', 'status', '--json', ...args])).stdout) as Status
  expect(ports.grpc).toEqual([port])
  const own = { port: ports.http[0] as number }
  expect(await getJson<Status>(own, '/health')).toMatchObject({ ports })
  expect((await runAgl(['agentops', 'status', ...args])).stdout).toContain(`${port} (OTLP/gRPC)`)

  const again = await runAgl(['agentops', 'restart', ...args])
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(await getJson<Status>(own, '/health')).toMatchObject({ ports })
  const traceId = newTraceId()
  expect(await call(port, protobufBody([someSpan({ traceId })]))).toMatchObject({ code: 0 })
  await settled(own)
  expect((await readTrace(own, traceId))?.spans).toHaveLength(1)

  expect((await runAgl(['agentops', 'stop', ...args])).code).toBe(0)
  expect(await take(port)).toBeDefined()
})

test('every port takes HTTP and gRPC, whatever its clients send first', async () => {
  const server = await startServer({ args: ['--grpc-port', '0'] })
  const ids = [newTraceId(), newTraceId(), newTraceId()] as const
  const [overGrpc, overHttp, inPieces] = ids
  expect(await call(server.port, protobufBody([someSpan({ traceId: overGrpc })]))).toMatchObject({ code: 0 })
  const port = await grpcPortOf(server)
  const sent = await postTraces({ port }, protobufBody([someSpan({ traceId: overHttp })]))
  expect(sent.status).toBe(200)
  // A first byte that HTTP/2 begins with as well.
  const body = protobufBody([someSpan({ traceId: inPieces })])
  const connection = await openConnection({ port })
  for (const part of ['P', 'OST /v1/tr', 'aces HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n'])
    await connection.send(part)
  await connection.send(`content-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\n\r\n`)
  await connection.send(body)
  await connection.closed
  expect(connection.received()).toMatch(/^HTTP\/1\.1 200 /)
  await settled(server)
  for (const traceId of ids) expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
  // Neither one that says nothing nor one that has begun to holds up the end.
  for (const said of ['', 'P', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
    const { send } = await openConnection(server)
    if (said !== '') await send(said)
  }
  expect(await server.stop()).toBe(0)
})

test('a server without a gRPC port says so when one is asked for', async () => {
  const server = await startServer()
  const args = ['agentops', '--grpc-port', '54321', '--data-dir', server.dataDir]
  const { code, stdout, stderr } = await runAgl(args)
  expect(stdout).toContain('is already running at')
  expect(stdout).not.toContain('Also listening')
  expect(stderr).toContain('does not take OTLP/gRPC on port 54321')
  expect(code).toBe(0)
})

test('a busy gRPC port is an error that names it, its holder and its option; nothing is left open', async () => {
  const holder = (await take(0)) as Server
  const own = (await take(0)) as Server
  const [grpcPort, port] = [portOf(holder), portOf(own)]
  own.close()
  const dataDir = tempDir()
  for (const daemon of [[], ['--daemon']]) {
    const ports = ['--port', String(port), '--grpc-port', String(grpcPort)]
    const { code, stderr } = await runAgl(['agentops', ...ports, '--data-dir', dataDir, ...daemon])
    expect(stderr).toMatch(new RegExp(`Port ${grpcPort} is already in use by .+ \\(pid ${process.pid}\\)\\.`))
    expect(stderr).toContain('choose another port: --grpc-port N')
    expect(stderr).toContain('[AGL_PORT_IN_USE]')
    expect(code).toBe(1)
  }
  expect((await runAgl(['agentops', 'status', '--data-dir', dataDir])).code).toBe(3)
})

test('the gRPC port may be the own one', async () => {
  const free = (await take(0)) as Server
  const port = portOf(free)
  free.close()
  await once(free, 'close')
  const server = await startServer({ args: ['--port', String(port), '--grpc-port', String(port)] })
  expect(await getJson<Status>(server, '/health')).toMatchObject({ ports: { http: [port], grpc: [port] } })
  expect(await call(port, protobufBody([someSpan()]))).toMatchObject({ code: 0 })
})

test('--otlp-ports takes 4317 and 4318, or names the one that is busy', async () => {
  for (const port of [4317, 4318]) {
    const holder = await take(port)
    const { code, stderr } = await runAgl([
      'agentops',
      '--port',
      '0',
      '--otlp-ports',
      '--data-dir',
      tempDir(),
    ])
    expect(stderr).toMatch(/Port 431[78] is already in use/)
    expect(stderr).toContain('leave out --otlp-ports')
    expect(code).toBe(1)
    if (holder === undefined) return
    holder.close()
    await once(holder, 'close')
  }
  const server = await startServer({ env: { AGL_OTLP_PORTS: '1' } })
  // It is printed after the line by which the server is known to be ready.
  await expect.poll(server.output).toContain('Also listening on: 4317 (OTLP/gRPC), 4318 (OTLP/HTTP)')
  const [byHttp, byGrpc] = [newTraceId(), newTraceId()]
  const sent = await postTraces({ port: 4318 }, protobufBody([someSpan({ traceId: byHttp })]))
  expect(sent.status).toBe(200)
  expect(await call(4317, protobufBody([someSpan({ traceId: byGrpc })]))).toMatchObject({ code: 0 })
  await settled(server)
  for (const traceId of [byHttp, byGrpc]) expect((await readTrace(server, traceId))?.spans).toHaveLength(1)
  expect(await server.stop()).toBe(0)
  for (const port of [4317, 4318]) expect(await take(port)).toBeDefined()
})
