// OpenInference, OpenLLMetry and Vercel's AI SDK with the real clients of OpenAI, in each way in which they export.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runAgl, startServer, type TestServer, tempDir } from '../../support/agl.ts'
import { grpcPortOf } from '../../support/grpc.ts'
import { requireMeans } from '../../support/means.ts'
import { type ModelServer, startModelServer } from '../../support/model-server.ts'
import type { ClientRun } from '../client-run.ts'
import { messagesIn } from '../messages-in.ts'
import { comparable } from '../otlp.ts'
import { expectViewsToAgree, type Held, readBack } from '../read-back.ts'
import { type Instrumentation, instrumentations, prepare, runInstrumentation } from './clients.ts'
import { expectTold } from './told.ts'

const args = ['--store', 'sqlite', '--grpc-port', '0']
const byId = (id: string) => instrumentations.find((client) => client.id === id) as Instrumentation

interface Way {
  readonly client: Instrumentation
  readonly by: string
  readonly env: Readonly<Record<string, string>>
}

const ways: readonly Way[] = [
  ...instrumentations.map((client) => ({ client, by: 'protobuf', env: {} })),
  ...instrumentations
    .filter(({ language }) => language === 'js')
    .map((client) => ({ client, by: 'JSON', env: { AGL_TEST_ENCODING: 'json' } })),
  // Without it the SDK speaks TLS for logs and metrics, though not for spans.
  { client: byId('openllmetry-python'), by: 'gRPC', env: { OTEL_EXPORTER_OTLP_INSECURE: 'true' } },
]
const ready = new Set<string>()
for (const client of instrumentations) {
  const made = await requireMeans(client.id, async () => {
    await prepare(client)
    return true
  })
  if (made) ready.add(client.id)
}

for (const { client, by, env } of ways)
  describe.runIf(ready.has(client.id))(`${client.title}, ${by}`, () => {
    let server: TestServer
    let model: ModelServer
    let run: ClientRun
    let held: Held

    beforeAll(async () => {
      server = await startServer({ args })
      model = await startModelServer()
      const address = by === 'gRPC' ? `localhost:${await grpcPortOf(server)}` : server.url
      run = await runInstrumentation(client, tempDir(), { server: address, model: model.url }, env)
      held = await readBack(server.url)
    })

    afterAll(async () => {
      await model?.close()
      await server?.stop()
    })

    it('ends well, warns of nothing, and reaches nothing but its two servers', async () => {
      expect(run.code, run.stderr).toBe(0)
      expect(run.warnings).toEqual([])
      expect(run.outside).toEqual([])
      // What gRPC's own library connects to is seen by no witness in Python.
      const own = [by === 'gRPC' ? await grpcPortOf(server) : server.port, Number(new URL(model.url).port)]
      const reached = new Set(run.inside.map((address) => Number(address.split(':').at(-1))))
      expect([...reached].filter((port) => !own.includes(port))).toEqual([])
    })

    it('every span is there once, with its parent and everything on it', () => {
      expect(run.spans.length).toBeGreaterThan(10)
      expect(comparable(held.spans)).toEqual(comparable(run.spans))
    })

    it('lists, trees and single spans agree with what is exported', async () => {
      await expectViewsToAgree(server.url, held)
    })

    it('kinds, names, usage, errors and messages are derived', async () => {
      await expectTold(server.url, held, client.id)
    })

    it('logs and metrics are kept byte by byte', async () => {
      const sent = client.target === 'openllmetry' && client.language === 'python' ? ['logs', 'metrics'] : []
      expect([...new Set(run.messages.map(({ kind }) => kind))].toSorted()).toEqual(sent)
      expect(sorted(await messagesIn(server))).toEqual(sorted(run.messages))
    })

    it('all of it is there after kill -9 and a restart, and after a reindex', async () => {
      await server.kill()
      server = await startServer({ args, dataDir: server.dataDir })
      expect(await readBack(server.url)).toEqual(held)
      await server.stop()
      expect(await runAgl(['reindex', '--data-dir', server.dataDir])).toMatchObject({ code: 0 })
      server = await startServer({ args, dataDir: server.dataDir })
      const after = await readBack(server.url)
      expect(comparable(after.spans)).toEqual(comparable(run.spans))
      expect(unnumbered(after)).toEqual(unnumbered(held))
      await expectTold(server.url, after, client.id)
      expect(sorted(await messagesIn(server))).toEqual(sorted(run.messages))
    })
  })

/** Without the number of the step in which the index last changed a trace: a reindex takes larger steps. */
function unnumbered({ traces, ...others }: Held): unknown {
  return { ...others, traces: traces.map((trace) => ({ ...trace, change: null })) }
}

/** Messages by kind and digest. */
function sorted(messages: ClientRun['messages']): string[] {
  const digest = (bytes: string) => createHash('sha256').update(bytes).digest('hex')
  return messages.map(({ kind, bytes }) => `${kind} ${digest(bytes)}`).toSorted()
}
