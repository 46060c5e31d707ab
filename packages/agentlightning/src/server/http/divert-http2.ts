// HTTP/1.1 and HTTP/2 on one port. Exporters that speak gRPC are pointed at whatever port their user knows: it is served
// there, instead of failing in words that nobody understands.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** How HTTP/2 begins where both sides know it without TLS (RFC 9113 §3.4). No method of HTTP/1.1 begins so. */
const PREFACE = Buffer.from('PRI')
/** The first byte of a TLS handshake (RFC 8446 §5.1), which no request begins with. */
const TLS_HANDSHAKE = 0x16
/** A connection that says nothing is cut after this. */
const SILENT_MS = 60_000

/** What was set up, and how it ends. */
export interface Diversion {
  /** Cuts the connections that have said nothing yet. */
  close(): void
}

/**
 * Hands connections that begin with HTTP/2's preface to `take`, with all of their bytes; the others are the server's own
 * as before. To be called before the server listens. `tlsCame` hears of connections that begin with TLS, which the server's
 * parser refuses.
 */
export function divertHttp2(
  server: Server,
  take: (socket: Socket) => void,
  tlsCame: (port: number) => void,
): Diversion {
  const own = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const silent = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    silent.add(socket)
    let head: Buffer = Buffer.alloc(0)
    const look = () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read())
        head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
      const known = Math.min(head.length, PREFACE.length)
      const isPreface = PREFACE.compare(head, 0, known, 0, known) === 0
      if (isPreface && known < PREFACE.length) return
      leave()
      if (head[0] === TLS_HANDSHAKE) tlsCame(socket.localPort ?? 0)
      socket.unshift(head)
      if (isPreface) take(socket)
      else for (const listener of own) listener.call(server, socket)
    }
    const cut = () => socket.destroy()
    const leave = () => {
      silent.delete(socket)
      socket.off('readable', look).off('end', cut).off('close', leave).off('timeout', cut).setTimeout(0)
    }
    // Whoever takes the socket listens, too; until then a reset must not be an exception.
    socket.on('error', cut)
    socket.on('readable', look).on('end', cut).on('close', leave).on('timeout', cut).setTimeout(SILENT_MS)
  })
  return {
    close() {
      for (const socket of silent) socket.destroy()
    },
  }
}
