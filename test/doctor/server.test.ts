// Faults of a server and of what surrounds it, planted for real, and what `agl doctor` says of them.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { offsetOf, type Position } from '../../packages/agentlightning/src/log/record.ts'
import { runAgl, startServer, tempDir } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { logDirOf, writeRecords } from '../support/log-files.ts'
import { requireMeans } from '../support/means.ts'
import { protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { getJson, settled } from '../support/read-traces.ts'
import { findSmallDisk, unmountAfterTests } from '../support/small-disk.ts'
import { examine } from './examine.ts'

const mountSmallDisk = await requireMeans('a disk that is nearly full', findSmallDisk)
let onDisk: Awaited<ReturnType<typeof startServer>> | undefined
unmountAfterTests(async () => onDisk?.stop())

/** Another program on a port of its own. */
const listening: Server[] = []
afterEach(() => {
  for (const server of listening.splice(0)) server.close()
})
async function someProgram(): Promise<number> {
  const server = createServer((_, response) => response.end('hello'))
  listening.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** What `pip install` leaves of packages, as far as their versions are concerned. */
function pythonPath(packages: Readonly<Record<string, string>>): string {
  const folder = tempDir()
  for (const [name, version] of Object.entries(packages)) {
    const info = join(folder, `${name.replaceAll('-', '_')}-${version}.dist-info`)
    mkdirSync(info)
    writeFileSync(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`)
  }
  return folder
}

describe('without a server', () => {
  it('says so, and still looks at the shell and at packages', async () => {
    const folder = tempDir()
    const installed = join(folder, 'node_modules', 'agentops')
    mkdirSync(installed, { recursive: true })
    writeFileSync(join(installed, 'package.json'), '{"name":"agentops","version":"0.1.0"}')
    const found = await examine(['--data-dir', join(folder, 'data'), '--port', '1'], {
      cwd: folder,
      env: {
        http_proxy: 'http://proxy:3128',
        PYTHONPATH: pythonPath({ agentops: '0.4.21', 'opentelemetry-exporter-otlp-proto-http': '1.45.2' }),
      },
    })
    expect(found.codes).toEqual(
      expect.arrayContaining([
        'server.not_running',
        'env.proxy',
        'python.exports_nothing',
        'js.no_variables',
      ]),
    )
    expect(found.one('python.exports_nothing').sentence).toContain('1.45.2')
    expect([found.exit, found.ok, found.scope]).toEqual([1, false, null])
  })

  it('names an index that cannot be read, and commands for the directory that was named', async () => {
    const dataDir = tempDir()
    writeFileSync(join(dataDir, 'index.db'), '')
    const found = await examine(['--data-dir', dataDir, '--port', '1'])
    expect(found.one('server.not_running').todo).toBe(
      `Start one: agl agentops --daemon --data-dir ${dataDir}`,
    )
    expect(found.one('index.unreadable').sentence).toContain(`${dataDir} cannot be read`)
    const file = join(dataDir, 'index.db')
    const none = await examine(['--data-dir', file, '--port', '1'])
    expect(none.one('data_dir.not_writable').sentence).toMatch(/cannot be written: it is no directory\.$/)
  })

  it('names who took the port, and a server of another directory', async () => {
    const port = await someProgram()
    const taken = await examine(['--data-dir', tempDir(), '--port', String(port)])
    expect(taken.one('server.port_taken').sentence).toContain(`Port ${port}`)
    const other = await startServer()
    const mine = await examine(['--data-dir', tempDir(), '--port', String(other.port)])
    expect(mine.findings[0]).toMatchObject({
      code: 'server.other_directory',
      level: 'error',
      subject: `port ${other.port}`,
      sentence: expect.stringContaining(`records to ${other.dataDir}, not to`),
    })
    const same = await examine(['--data-dir', other.dataDir], { env: { AGL_PORT: String(port) } })
    expect(same.codes).toEqual(expect.arrayContaining(['server.running', 'server.port_taken']))
    expect([same.one('server.port_taken').level, taken.one('server.port_taken').level]).toEqual([
      'warn',
      'error',
    ])
    await other.stop()
  })
})

describe('with a server', () => {
  it('names one that hangs, and does not take it for a stranger on its port', async () => {
    const server = await startServer()
    process.kill(server.pid, 'SIGSTOP')
    const found = await examine(['--data-dir', server.dataDir, '--port', String(server.port)]).finally(() =>
      process.kill(server.pid, 'SIGCONT'),
    )
    expect(found.one('server.not_answering').sentence).toContain(String(server.pid))
    expect(found.codes).not.toContain('server.port_taken')
    expect(found.exit).toBe(1)
    await server.stop()
  })

  it('finds nothing wrong where nothing is', async () => {
    const server = await startServer()
    const found = await examine(['--data-dir', server.dataDir, '--port', String(server.port), '--strict'])
    expect([found.exit, found.ok]).toEqual([0, true])
    expect(found.url).toBe(server.url)
    const text = await runAgl(['doctor', '--data-dir', server.dataDir, '--port', String(server.port)])
    expect(text.stdout).toMatch(/^Server\n {2}✓ The server at /)
    expect(text.stdout).toMatch(/\n\nNothing is wrong\.\n$/)
    expect(text.code).toBe(0)
    await server.stop()
  })

  it('no longer names what its advice has mended: the port, the variables, the packages', async () => {
    const port = await someProgram()
    const server = await startServer()
    const env = {
      AGL_PORT: String(port),
      HTTP_PROXY: 'http://proxy:3128',
      PYTHONPATH: pythonPath({ agentops: '0.4.21', 'opentelemetry-exporter-otlp-proto-http': '1.45.2' }),
    }
    const args = ['--data-dir', server.dataDir]
    const before = await examine(args, { env })
    expect(before.codes).toEqual(
      expect.arrayContaining(['server.port_taken', 'env.proxy', 'python.exports_nothing']),
    )
    const printed = await runAgl(['agentops', 'env', '--hooks', '--shell', 'json', ...args], { env })
    const after = await examine([...args, '--strict'], { env: { ...env, ...JSON.parse(printed.stdout) } })
    expect(after.findings.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
    expect(after.codes).toEqual(expect.arrayContaining(['env.ok', 'python.ok']))
    expect(after.exit).toBe(0)
    await server.stop()
  })

  it('names requests to wrong addresses, bad bodies, records set aside and variables that point elsewhere', async () => {
    const dataDir = tempDir()
    await writeRecords(dataDir, [{ payload: Buffer.from('no protobuf at all') }])
    const server = await startServer({ dataDir })
    const body = protobufBody([someSpan()])
    await postTraces(server, body, { path: '/v1/trace', headers: { 'user-agent': 'my-exporter/1' } })
    expect((await postTraces(server, 'no protobuf')).status).toBe(400)
    const found = await examine(['--data-dir', dataDir, '--port', String(server.port)], {
      env: {
        AGENTOPS_API_ENDPOINT: 'https://api.agentops.ai',
        AGENTOPS_EXPORTER_ENDPOINT: server.url,
        OTEL_TRACES_EXPORTER: 'none',
        HTTP_PROXY: 'http://proxy:3128',
      },
    })
    expect(found.one('requests.wrong_endpoint')).toMatchObject({
      subject: 'POST /v1/trace',
      sentence: expect.stringContaining('my-exporter/1'),
      todo: expect.stringContaining(`${server.url}/v1/traces`),
    })
    expect(found.one('requests.refused').sentence).toContain('AGL_BAD_BODY')
    expect(found.one('records.set_aside').count).toBe(1)
    expect(found.one('env.elsewhere').subject).toBe('AGENTOPS_API_ENDPOINT')
    expect(found.one('env.exporter_path').todo).toContain(`${server.url}/v1/traces`)
    expect(found.codes).toEqual(expect.arrayContaining(['env.switched_off', 'env.proxy']))
    expect(found.exit).toBe(0)
    await server.stop()
  })

  it('names clients with a wrong key, and reaches the server with the right one', async () => {
    const server = await startServer({ args: ['--api-key', 'right', '--require-key'] })
    const refused = await postTraces(server, protobufBody([someSpan()]), {
      headers: { authorization: 'Bearer wrong' },
    })
    expect(refused.status).toBe(401)
    expect((await request(server, { path: '/api/v1/doctor' })).status).toBe(401)
    const found = await examine(['--data-dir', server.dataDir], { env: { AGENTOPS_API_KEY: 'wrong' } })
    expect(found.one('env.key').subject).toBe('AGENTOPS_API_KEY')
    expect(found.findings.filter(({ code }) => code === 'requests.refused')).toMatchObject([
      { subject: 'AGL_UNAUTHORIZED', todo: expect.stringContaining('agl agentops env') },
    ])
    await server.stop()
  })

  it('names TLS on a port without it, spans that go to /, and model calls beside the gateway', async () => {
    const server = await startServer()
    await expect(fetch(`https://127.0.0.1:${server.port}/v1/traces`)).rejects.toThrow()
    const headers = { 'user-agent': 'my-exporter/1' }
    expect((await postTraces(server, protobufBody([someSpan()]), { path: '/', headers })).status).toBe(405)
    const env = {
      AGENTOPS_API_ENDPOINT: server.url,
      AGENTOPS_EXPORTER_ENDPOINT: `${server.url.replace('http:', 'https:')}/v1/traces`,
      OPENAI_BASE_URL: `${server.url}/v1`,
    }
    const args = ['--data-dir', server.dataDir]
    const found = await examine(args, { env })
    const refused = found.findings.filter(({ code }) => code === 'requests.refused')
    expect(refused.toSorted((one, other) => one.subject.localeCompare(other.subject))).toMatchObject([
      { subject: 'AGL_METHOD_NOT_ALLOWED', level: 'warn', todo: expect.stringContaining('/v1/traces') },
      { subject: 'AGL_TLS_REFUSED', level: 'warn', todo: expect.stringContaining('http:// in place of') },
    ])
    expect(found.one('env.tls')).toMatchObject({
      subject: 'AGENTOPS_EXPORTER_ENDPOINT',
      todo: `Set it to ${server.url}/v1/traces`,
    })
    expect(found.one('env.model_path').todo).toBe(`Set it to ${server.url}/gateway/v1`)
    const newest = Math.max(...refused.map(({ lastMs }) => lastMs ?? 0))
    const later = await examine([...args, '--since', new Date(newest + 1).toISOString()])
    expect(
      later.findings.filter(({ code }) => code === 'requests.refused').map(({ level }) => level),
    ).toEqual(['info', 'info'])
    await server.stop()
  })

  it('names the places of the log that are damaged', async () => {
    const dataDir = tempDir()
    const attributes = { text: 'x'.repeat(9_000_000) }
    const bodies = [[someSpan()], [someSpan({ attributes })]].map((spans) => ({
      payload: protobufBody(spans),
    }))
    const [first] = await writeRecords(dataDir, bodies)
    const [segment = ''] = readdirSync(logDirOf(dataDir)).map((name) => join(logDirOf(dataDir), name))
    const bytes = readFileSync(segment)
    const last = offsetOf((first as { end: Position }).end) - 1
    bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last)
    writeFileSync(segment, bytes)
    const server = await startServer({ dataDir })
    await settled(server)
    const found = await examine(['--data-dir', dataDir])
    expect(found.one('log.damaged')).toMatchObject({
      level: 'warn',
      count: 1,
      sentence: expect.stringContaining('segment 1, byte '),
    })
    expect(found.server?.index.spans).toBe(1)
    await server.stop()
  })

  it('names what a start cut off the log', async () => {
    const dataDir = tempDir()
    await writeRecords(dataDir, [{ payload: protobufBody([someSpan()]) }])
    const [segment = ''] = readdirSync(logDirOf(dataDir)).map((name) => join(logDirOf(dataDir), name))
    appendFileSync(segment, Buffer.alloc(70, 1))
    const server = await startServer({ dataDir })
    const found = await examine(['--data-dir', dataDir])
    expect(found.one('log.cut')).toMatchObject({ level: 'info', sentence: expect.stringContaining('70 B') })
    expect(server.output()).toContain('70 bytes were cut off')
    await server.stop()
  })

  it('names a model server that is down, and asks only when told to', async () => {
    const port = await someProgram()
    const up = `http://127.0.0.1:${port}`
    const args = ['--upstream', `up=${up}`, '--upstream', 'down=http://127.0.0.1:1']
    const server = await startServer({ args })
    const found = await examine(['--data-dir', server.dataDir])
    expect(found.one('gateway.upstream_down')).toMatchObject({
      subject: 'down',
      level: 'error',
      sentence: expect.stringContaining('ECONNREFUSED'),
    })
    expect(found.codes.filter((code) => code === 'gateway.upstream_down')).toHaveLength(1)
    expect(found.exit).toBe(1)
    const silent = await getJson<{ findings: { code: string }[]; server: object }>(server, '/api/v1/doctor')
    expect(silent.findings.map(({ code }) => code)).not.toContain('gateway.upstream_down')
    expect(silent.server).toMatchObject({ upstreams: [], log: { bytes: expect.any(Number) } })
    await server.stop()
  })

  it.runIf(mountSmallDisk !== undefined)('names a disk that is nearly full', async () => {
    const dataDir = (mountSmallDisk as (megabytes: number) => string)(96)
    onDisk = await startServer({ dataDir })
    const found = await examine(['--data-dir', dataDir])
    expect(found.one('disk.nearly_full').sentence).toContain(dataDir)
  })

  it('refuses parameters that make no sense', async () => {
    const server = await startServer({ args: ['--store', 'memory'] })
    for (const query of ['trace=xyz', 'trace=ab&run=r', 'since=soon', 'probe=2']) {
      const { status, headers } = await request(server, { path: `/api/v1/doctor?${query}` })
      expect([query, status, headers['x-agl-error']]).toEqual([query, 400, 'AGL_BAD_REQUEST'])
    }
    expect((await request(server, { path: '/api/v1/doctor?trace=0123' })).status).toBe(404)
    await server.stop()
  })
})
