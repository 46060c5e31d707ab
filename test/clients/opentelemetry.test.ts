// The official OpenTelemetry SDKs, with every value that a span can carry, in each encoding that they offer.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { type ClientRun, runNodeClient, runPythonClient } from './client-run.ts'
import { comparable } from './otlp.ts'
import { expectViewsToAgree, type Held, readBack } from './read-back.ts'

const environment = await requireMeans('opentelemetry-python', () => pythonEnvironment('opentelemetry'))
const jsProgram = join(root, 'test', 'clients', 'js', 'opentelemetry.ts')

function exporterEnv(url: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url }
}

function python(extra: Record<string, string>): (url: string) => Promise<ClientRun> {
  return (url) =>
    runPythonClient(environment as PythonEnvironment, tempDir(), { ...exporterEnv(url), ...extra })
}

function js(extra: Record<string, string>): (url: string) => Promise<ClientRun> {
  return (url) => runNodeClient(jsProgram, tempDir(), { ...exporterEnv(url), ...extra })
}

const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }
const pythonLimits = { attributes: 72, events: 2, links: 2 }
const jsLimits = { attributes: 10, events: 2, links: 2 }
const clients = [
  {
    name: 'Python, protobuf',
    run: python({}),
    runs: environment,
    service: 'otel-python',
    dropped: pythonLimits,
  },
  {
    name: 'Python, protobuf, gzip',
    run: python(gzip),
    runs: environment,
    service: 'otel-python',
    dropped: pythonLimits,
  },
  {
    name: 'JS, JSON',
    run: js({ AGL_TEST_ENCODING: 'json' }),
    runs: true,
    service: 'otel-js',
    dropped: jsLimits,
  },
  {
    name: 'JS, JSON, gzip',
    run: js({ AGL_TEST_ENCODING: 'json', ...gzip }),
    runs: true,
    service: 'otel-js',
    dropped: jsLimits,
  },
  {
    name: 'JS, protobuf',
    run: js({ AGL_TEST_ENCODING: 'protobuf' }),
    runs: true,
    service: 'otel-js',
    dropped: jsLimits,
  },
]

for (const client of clients)
  describe.runIf(client.runs)(`OpenTelemetry ${client.name}`, () => {
    let server: TestServer
    let run: ClientRun
    let held: Held

    beforeAll(async () => {
      server = await startServer({ args: ['--store', 'sqlite'] })
      run = await client.run(server.url)
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
      expect(run.inside.length).toBeGreaterThan(0)
      expect(run.inside.every((address) => address.endsWith(`:${server.port}`))).toBe(true)
    })

    it('its program makes what is hard to keep', () => {
      const [dropping] = run.spans.filter(({ span }) => span.name === 'dropped')
      expect(dropping?.span).toMatchObject({
        droppedAttributesCount: client.dropped.attributes,
        droppedEventsCount: client.dropped.events,
        droppedLinksCount: client.dropped.links,
      })
      expect(new Set(run.spans.map(({ span }) => span.kind))).toEqual(new Set([1, 2, 3, 4, 5]))
      expect(run.spans.filter(({ span }) => span.traceState === 'rojo=00f067aa0ba902b7')).toHaveLength(2)
    })

    it('every span is there once, with its parent and everything on it', () => {
      expect(comparable(held.spans)).toEqual(comparable(run.spans))
    })

    it('lists, trees and single spans agree with what is exported', async () => {
      await expectViewsToAgree(server.url, held)
    })

    it('all of it is there after kill -9 and a restart', async () => {
      await server.kill()
      server = await startServer({ args: ['--store', 'sqlite'], dataDir: server.dataDir })
      const after = await readBack(server.url)
      expect(comparable(after.spans)).toEqual(comparable(run.spans))
      expect(after).toEqual(held)
      expect(new Set(after.traces.map((trace) => trace.service))).toEqual(new Set([client.service]))
    })
  })
