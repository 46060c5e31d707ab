// What a server's log holds of the signals other than traces.
import { LogReader } from '../../packages/agentlightning/src/log/reader.ts'
import { parsePosition } from '../../packages/agentlightning/src/log/record.ts'
import type { TestServer } from '../support/agl.ts'
import { logDirOf } from '../support/log-files.ts'
import { readStatus } from '../support/read-traces.ts'

/** The payloads in a server's log of logs and metrics, as the client's account names them. */
export async function messagesIn(server: TestServer): Promise<{ kind: string; bytes: string }[]> {
  const names = { otlpLogs: 'logs', otlpMetrics: 'metrics' } as Readonly<Record<string, string>>
  const end = parsePosition((await readStatus(server)).log.durable)
  const found: { kind: string; bytes: string }[] = []
  const reader = new LogReader(logDirOf(server.dataDir))
  reader.read(0, end as number, ({ header, payload }) => {
    const kind = names[header?.kind ?? '']
    if (kind) found.push({ kind, bytes: payload.toString('base64') })
  })
  reader.close()
  return found
}
