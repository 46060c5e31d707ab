// A gateway between a real client and a real upstream, on a log whose disk is in memory and fails when told to.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openLog } from '../../log/log.ts'
import { LogReader } from '../../log/reader.ts'
import { positionOf, type RecordHeader } from '../../log/record.ts'
import { type Fault, MemoryDisk, type Operation } from '../../log/testing/memory-disk.ts'
import { withDirectory } from '../../log/testing/workload.ts'
import { createLogger } from '../../logger.ts'
import { defaultLimits } from '../../server/config.ts'
import { Gateway, type GatewayContext, type GatewayStatus } from '../gateway.ts'
import { decodeCallRecord } from '../record.ts'
import { defaultGatewaySettings } from '../settings.ts'

/** A record of a call as it lies in the log. */
export interface LoggedCall {
  readonly kind: RecordHeader['kind']
  readonly callId: string
  readonly body: Buffer
}

/** What is running. */
export interface RealGateway {
  /** Of chat completions. */
  readonly url: string
  /** Flushes of the log since the first record of a call could come. */
  readonly flushes: () => number
}

/** What is left behind. */
export interface Ended<T> {
  readonly result: T
  readonly calls: readonly LoggedCall[]
  readonly status: GatewayStatus
}

/** Runs a gateway before `upstream`, which counts as `backend`; announcements linger for a minute. */
export async function withGateway<T>(
  backend: string,
  upstream: RequestListener,
  use: (gateway: RealGateway) => Promise<T>,
  decide: (operation: Operation) => Fault | undefined = () => undefined,
): Promise<Ended<T>> {
  const servers: Server[] = []
  const listen = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return withDirectory(async (directory) => {
    const disk = new MemoryDisk(decide)
    const log = await openLog({ disk, nowNs: () => 1n, lingerMs: 60_000 })
    await log.append({ kind: 'note', receivedNs: 1n }, [])
    const countFlushes = () => disk.operations.filter(({ kind }) => kind === 'flush').length
    const before = countFlushes()
    const upstreams = [{ name: 'tiny', url: `${await listen(upstream)}/v1`, backend }]
    const config = {
      host: '127.0.0.1',
      limits: defaultLimits,
      gateway: { ...defaultGatewaySettings, upstreams },
    }
    const context: GatewayContext = {
      identity: { instanceId: 'this', dataDirHash: '', secret: '' },
      config: config as unknown as GatewayContext['config'],
      logger: createLogger('silent'),
      log,
      append: (header, payload, options) => log.append({ ...header, receivedNs: 1n }, payload, options),
      nowNs: () => 1n,
      ensureProject: async () => undefined,
      isDraining: () => false,
    }
    const gateway = new Gateway(context, {}, directory, Buffer.alloc(32))
    try {
      const url = await listen((request, response) => void gateway.handle(request, response))
      const flushes = () => countFlushes() - before
      const result = await use({ url: `${url}/gateway/v1/chat/completions`, flushes })
      await gateway.close()
      disk.dump(directory)
      const calls = readCalls(directory, log.durable)
      return { result, calls, status: gateway.status() }
    } finally {
      await log.close()
      for (const server of servers) server.closeAllConnections()
    }
  })
}

function readCalls(directory: string, upTo: number): LoggedCall[] {
  const calls: LoggedCall[] = []
  const reader = new LogReader(directory)
  reader.read(positionOf(1, 0), upTo, ({ header, payload }) => {
    if (header?.kind !== 'gatewayStart' && header?.kind !== 'gatewayEnd') return
    const { head, body } = decodeCallRecord(Buffer.from(payload))
    calls.push({ kind: header.kind, callId: head.callId, body })
  })
  reader.close()
  return calls
}
