import { type ClientHttp2Session, connect } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { exportMethods, grpcPortOf } from '../support/grpc.ts'
import { openConnection, postTraces, type RawConnection } from '../support/http.ts'
import { peakResidentBytes, residentBytes } from '../support/memory.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'

const MEBIBYTE = 2 ** 20
const UPLOADS = 40
const SENT = 30 * MEBIBYTE
/** 256 MB of bodies in flight, the pool, and what was read from sockets and not collected yet. */
const MOST_MORE = 420
const piece = Buffer.alloc(64 * 1024, 'x')

const connections: RawConnection[] = []
const sessions: ClientHttp2Session[] = []
afterEach(() => {
  for (const { socket } of connections.splice(0)) socket.destroy()
  for (const session of sessions.splice(0)) session.destroy()
})

/** Sends a body up to its last byte but one, or until the server has had enough. */
async function uploadOverHttp(server: TestServer, announced: boolean): Promise<void> {
  const connection = await openConnection(server)
  connections.push(connection)
  const length = announced ? `content-length: ${SENT + 1}` : 'transfer-encoding: chunked'
  await connection.send(
    `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n${length}\r\n\r\n`,
  )
  const chunk = announced
    ? piece
    : Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
  for (let sent = 0; sent < SENT && !connection.socket.destroyed; sent += piece.length)
    await connection.send(chunk)
}

async function uploadOverGrpc(port: number): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`)
  sessions.push(session)
  session.on('error', () => {})
  const stream = session.request({
    ':method': 'POST',
    ':path': exportMethods.traces,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  const closed = new Promise<void>((resolve) => stream.on('error', () => {}).once('close', resolve))
  for (let sent = 0; sent < SENT && !stream.destroyed; sent += piece.length)
    await Promise.race([closed, new Promise<void>((resolve) => stream.write(piece, () => resolve()))])
}

describe('40 uploads of 30 MB that never end', () => {
  it.each(['HTTP with a length', 'HTTP in chunks', 'gRPC'])(
    'hold a bounded memory over %s',
    {
      timeout: 120_000,
    },
    async (how) => {
      const server = await startServer({ args: ['--grpc-port', '0'] })
      const port = await grpcPortOf(server)
      const idle = residentBytes(server.pid)
      const uploads = Array.from({ length: UPLOADS }, () =>
        how === 'gRPC' ? uploadOverGrpc(port) : uploadOverHttp(server, how === 'HTTP with a length'),
      )
      // Those that wait for room are refused after 5 s, and others take their place.
      await Promise.race([Promise.all(uploads), sleep(7000)])
      const peak = peakResidentBytes(server.pid)
      process.stdout.write(
        `${how}: ${Math.round(idle / MEBIBYTE)} MB idle, ${Math.round(peak / MEBIBYTE)} MB at most\n`,
      )
      for (const { socket } of connections) socket.destroy()
      for (const session of sessions) session.destroy()
      const traceId = newTraceId()
      const answer = await postTraces(server, protobufBody([someSpan({ traceId })]))
      expect(answer.status).toBe(200)
      expect((peak - idle) / MEBIBYTE).toBeLessThan(MOST_MORE)
      expect(await server.stop()).toBe(0)
    },
  )
})
