// One HTTP/1.1 client connection with one request at a time: no more than the measured servers need, so that
// it costs little. Opens a new socket where the server closed the last one.
import { connect, type Socket } from 'node:net'

const HEADERS_END = Buffer.from('\r\n\r\n')
const CHUNKS_END = Buffer.from('0\r\n\r\n')

/** A request without an answer for so long is given up, and its connection with it. */
const PATIENCE_MS = 30_000

/** An answer without its body. */
export interface Answer {
  readonly status: number
}

export class Connection {
  readonly #port: number
  #socket: Socket | undefined
  #received: Buffer = Buffer.alloc(0)
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Sends a request; resolves when its answer has arrived whole. Rejects when the connection breaks. */
  async send(head: string, body: Buffer): Promise<Answer> {
    const socket = this.#socket ?? (await this.#open())
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    })
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        socket.setTimeout(PATIENCE_MS, () => this.#broke(new Error(`no answer within ${PATIENCE_MS} ms`)))
        socket.on('error', (error) => this.#broke(error))
        socket.on('close', () => this.#gone(socket))
        socket.on('data', (chunk) => this.#receive(chunk))
        this.#socket = socket
        resolve(socket)
      })
    })
  }

  #receive(chunk: Buffer): void {
    const received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    this.#received = received
    const headEnd = received.indexOf(HEADERS_END)
    if (headEnd < 0) return
    const head = received.toString('latin1', 0, headEnd).toLowerCase()
    const bodyStart = headEnd + HEADERS_END.length
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
    const closes = /\r\nconnection: *close/.test(head) || head.startsWith('http/1.0')
    if (length !== undefined) {
      if (received.length < bodyStart + Number(length)) return
    } else if (/\r\ntransfer-encoding: *chunked/.test(head)) {
      if (!received.subarray(bodyStart).includes(CHUNKS_END)) return
    } else if (!/^http\/1\.\d (204|304)/.test(head)) {
      this.#broke(new Error('an answer without a length'))
      return
    }
    this.#received = Buffer.alloc(0)
    if (closes) this.close()
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve({ status: Number(head.slice(9, 12)) })
  }

  #gone(socket: Socket): void {
    // A socket that was replaced already says nothing about the one in use.
    if (this.#socket !== undefined && this.#socket !== socket) return
    this.#socket = undefined
    this.#broke(new Error('the server closed the connection'))
  }

  #broke(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#received = Buffer.alloc(0)
    this.close()
    waiting?.reject(error)
  }
}
