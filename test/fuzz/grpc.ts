// The same bodies as calls of OTLP/gRPC: frames whose flags and lengths may lie, metadata, methods.
import { type ClientHttp2Session, connect } from 'node:http2'
import { exportMethods } from '../support/grpc.ts'
import type { Case } from './cases.ts'
import type { Dice } from './random.ts'

/** Answers that mean a fault of the server: UNKNOWN, INTERNAL, DATA_LOSS. */
const faults: ReadonlySet<string> = new Set(['2', '13', '15'])
const encodings = ['identity', 'gzip', 'deflate', 'zstd', 'br', '']

/** One connection, opened again when it ends. */
export class GrpcLane {
  readonly #port: number
  #session: ClientHttp2Session | undefined

  constructor(port: number) {
    this.#port = port
  }

  /**
   * Sends the body of a case as a call; resolves with `grpc N`, or the HTTP status of what is no gRPC answer. Rejects
   * when none comes, or one that means a fault of the server.
   */
  send(dice: Dice, { body, headers }: Case, timeoutMs: number): Promise<string> {
    const prefix = Buffer.from([dice.once(6) ? dice.below(256) : 0, 0, 0, 0, 0])
    prefix.writeUInt32BE(dice.once(20) ? dice.below(2 ** 32) : body.length, 1)
    const call = this.#open().request({
      ':method': dice.once(40) ? 'GET' : 'POST',
      ':path': dice.once(30) ? `${exportMethods.traces}x` : dice.pick(Object.values(exportMethods)),
      'content-type': dice.once(30) ? 'application/json' : 'application/grpc',
      te: 'trailers',
      ...(dice.once(4) ? { 'grpc-encoding': headers['content-encoding'] ?? dice.pick(encodings) } : {}),
      ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
    })
    return new Promise((resolve, reject) => {
      let said: Record<string, unknown> = {}
      const note = (more: object): void => {
        said = { ...said, ...more }
      }
      const timer = setTimeout(() => {
        call.destroy()
        reject(new Error(`no answer over gRPC within ${timeoutMs} ms`))
      }, timeoutMs)
      call.on('response', note).on('trailers', note)
      call.on('error', (error) => note({ failed: error.message }))
      call.once('close', () => {
        clearTimeout(timer)
        const status = said['grpc-status']
        if (typeof status === 'string' && faults.has(status)) reject(new Error(`gRPC status ${status}`))
        else if (status !== undefined) resolve(`grpc ${String(status)}`)
        else if (said[':status'] === undefined)
          reject(new Error(`no status over gRPC: ${String(said.failed)}`))
        else resolve(String(said[':status']))
      })
      call.resume()
      call.end(Buffer.concat([prefix, body]))
    })
  }

  close(): void {
    this.#session?.destroy()
  }

  #open(): ClientHttp2Session {
    if (!this.#session || this.#session.closed || this.#session.destroyed) {
      this.#session = connect(`http://127.0.0.1:${this.#port}`)
      this.#session.on('error', () => undefined)
    }
    return this.#session
  }
}
