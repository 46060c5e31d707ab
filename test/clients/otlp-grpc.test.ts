// The official OpenTelemetry SDKs over OTLP/gRPC: all signals, with and without compression, to a port of its own or to the
// server's.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { grpcPortOf } from '../support/grpc.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { type ClientRun, runNodeClient, runPythonClient } from './client-run.ts'
import { messagesIn } from './messages-in.ts'
import { comparable } from './otlp.ts'
import { expectViewsToAgree, type Held, readBack } from './read-back.ts'

const environment = await requireMeans('opentelemetry-python-grpc', () =>
  pythonEnvironment('opentelemetry-grpc'),
)
const jsProgram = join(root, 'test', 'clients', 'js', 'opentelemetry.ts')

const clients = (['none', 'gzip'] as const).flatMap((compression) => [
  { name: `Python, ${compression}`, compression, runs: environment, run: runPython, service: 'otel-python' },
  { name: `JS, ${compression}`, compression, runs: true, run: runJs, service: 'otel-js' },
])

function runPython(env: Record<string, string>): Promise<ClientRun> {
  return runPythonClient(environment as PythonEnvironment, tempDir(), env)
}

function runJs(env: Record<string, string>): Promise<ClientRun> {
  return runNodeClient(jsProgram, tempDir(), { AGL_TEST_ENCODING: 'grpc', ...env })
}

for (const client of clients)
  describe.runIf(client.runs)(`OTLP/gRPC from ${client.name}`, () => {
    let server: TestServer
    const isOwnPort = client.compression === 'none'
    const args = ['--store', 'sqlite', ...(isOwnPort ? [] : ['--grpc-port', '0'])]
    let port: number
    let run: ClientRun
    let held: Held

    beforeAll(async () => {
      server = await startServer({ args })
      port = isOwnPort ? server.port : await grpcPortOf(server)
      run = await client.run({
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${port}`,
        // The Python exporters do not know the value `none` that the specification names.
        ...(client.compression === 'gzip' ? { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' } : {}),
      })
      held = await readBack(server.url)
    })

    afterAll(async () => {
      await server?.stop()
    })

    it('ends well, silent, and reaches nothing but the server', () => {
      expect(run.code, run.stderr).toBe(0)
      expect(run.stderr).toBe('')
      expect(run.warnings.filter((line) => !/^Dropped 2 (events|links) because/.test(line))).toEqual([])
      expect(run.outside).toEqual([])
      expect(run.inside.every((address) => address.endsWith(`:${port}`))).toBe(true)
    })

    it('every span is there once, with its parent and everything on it', () => {
      expect(run.spans.length).toBeGreaterThan(15)
      expect(comparable(held.spans)).toEqual(comparable(run.spans))
    })

    it('lists, trees and single spans agree with what is exported', async () => {
      await expectViewsToAgree(server.url, held)
    })

    it('logs and metrics are in the log byte by byte', async () => {
      expect(new Set(run.messages.map(({ kind }) => kind))).toEqual(
        new Set(client.run === runPython ? ['logs', 'metrics'] : []),
      )
      expect(await messagesIn(server)).toEqual(run.messages)
    })

    it('all of it is there after kill -9 and a restart', async () => {
      await server.kill()
      server = await startServer({ args, dataDir: server.dataDir })
      const after = await readBack(server.url)
      expect(after).toEqual(held)
      expect(comparable(after.spans)).toEqual(comparable(run.spans))
      expect(await messagesIn(server)).toEqual(run.messages)
      expect(new Set(after.traces.map((trace) => trace.service))).toEqual(new Set([client.service]))
    })
  })
