// Servers of others that tests talk to: started on a free port of loopback, ended with all that they started.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { testEnv } from './agl.ts'

/** How a server is started. */
export interface ServiceCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A path that answers 200 once the server is ready. */
  readonly healthPath: string
  /** Longest wait until then, ms. */
  readonly startMs: number
}

/** A server that answers. */
export interface Service {
  /** Without a path. */
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Starts a server; rejects with what it said when it ends or does not answer in time. */
export async function startService(make: (port: number) => ServiceCommand): Promise<Service> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { command, args, env, healthPath, startMs } = make(port)
  // A group of its own, so that its workers end with it.
  const child = spawn(command, args, {
    env: testEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000)
    })
  const gone = once(child, 'exit')
  const stop = async () => {
    const running = () => child.exitCode === null && child.signalCode === null
    if (!running()) return
    process.kill(-(child.pid as number), 'SIGTERM')
    await Promise.race([gone, sleep(10_000, undefined, { ref: false })])
    if (running()) process.kill(-(child.pid as number), 'SIGKILL')
    await gone
  }
  const deadline = Date.now() + startMs
  for (;;) {
    const answer = await fetch(url + healthPath).catch(() => undefined)
    if (answer?.status === 200) return { url, port, stop }
    const ended = child.exitCode ?? child.signalCode
    if (ended !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`${command} ${ended === null ? 'is not ready' : `ended (${ended})`}: ${said}`)
    }
    await sleep(100)
  }
}
