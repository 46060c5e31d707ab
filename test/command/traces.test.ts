// `agl traces` and `agl reindex` as typed: with a server, without one, into a pipe, for people.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAgl, spawnAgl, startServer, type TestServer, tempDir, until } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { jsonLogs, postSignal } from '../support/otlp-signals.ts'
import { getJson } from '../support/read-traces.ts'

let server: TestServer
const good = someSpan({
  name: 'plan-trip',
  attributes: { 'gen_ai.request.model': 'qwen3', 'gen_ai.operation.name': 'chat' },
})
const hostile = someSpan({ name: 'bad\u001b]0;title\u0007\u001b[31mname\nline' })

beforeAll(async () => {
  server = await startServer()
  await postTraces(server, protobufBody([good, hostile]))
  await request(server, {
    method: 'POST',
    path: '/v4/logs/upload/',
    headers: { 'trace-id': BigInt(`0x${good.traceId}`).toString(), 'user-agent': 'agentops-python/0.4.21' },
    body: JSON.stringify('printed\u001b[2J\n'),
  })
  await getJson(server, '/api/v1/position?wait=1')
})
afterAll(() => server.stop())

const agl = (...args: string[]) => runAgl([...args, '--data-dir', server.dataDir])

test('a list is NDJSON in a pipe and a table for people', async () => {
  const piped = await agl('traces', 'list', '--name', 'PLAN')
  expect(JSON.parse(piped.stdout)).toMatchObject({
    traceId: good.traceId,
    name: 'plan-trip',
    models: ['qwen3'],
  })
  const table = await agl('traces', 'list', '--text')
  expect(table.stdout).toMatch(/● plan-trip .*qwen3/)
})

test('control characters of a name never reach the terminal', async () => {
  const table = await agl('traces', 'list', '--text')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  expect(table.stdout.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
})

test('a trace is shown as a tree, whole, by span, and with what was printed', async () => {
  const id = good.traceId.slice(0, 10)
  expect((await agl('traces', 'show', id, '--text')).stdout).toMatch(/▣ plan-trip/)
  expect(JSON.parse((await agl('traces', 'show', id)).stdout)).toMatchObject({
    span: { spanId: good.spanId },
  })
  const span = await agl('traces', 'show', id, '--span', good.spanId, '--text')
  expect(span.stdout).toMatch(/gen_ai.request.model +string +qwen3/)
  expect((await agl('traces', 'show', id, '--logs', '--text')).stdout).toBe('printed[2J\n')
})

test('an id that is none, or of no trace, is one clear line with its code', async () => {
  const none = await agl('traces', 'show', 'f'.repeat(32))
  expect([none.code, none.stdout]).toEqual([1, ''])
  expect(none.stderr).toMatch(/^Trace f{32} was not found\. .*\[AGL_NOT_FOUND\]\n$/)
  const wrong = await agl('traces', 'show', 'xyz')
  expect(wrong.stderr).toMatch(/\[AGL_BAD_REQUEST\]\n$/)
})

test('tail prints what arrives, and what is removed', async () => {
  const tail = spawnAgl(['traces', 'tail', '--data-dir', server.dataDir])
  let text = ''
  tail.stdout?.on('data', (part) => {
    text += part
  })
  await until('the traces that are there', () => text.includes('plan-trip'))
  const span = someSpan({ name: 'just in' })
  await postTraces(server, protobufBody([span]))
  await until('the new trace', () => text.includes('just in'))
  await agl('traces', 'delete', span.traceId)
  await until('its removal', () => text.includes(`{"removed":"${span.traceId}"}\n`))
  tail.kill('SIGKILL')
})

test('logs prints the records of a trace, or of all with conditions', async () => {
  const { traceId, spanId } = good
  const line = (text: string, timeNs: bigint, severity: number) => ({ timeNs, text, severity })
  await postSignal(
    server,
    'logs',
    jsonLogs('cli-test', [
      line('starting', 1_700_000_000_000_000_000n, 9),
      line('no room left', 1_700_000_001_000_000_000n, 17),
      { ...line('asked', 1_700_000_002_000_000_000n, 9), traceId, spanId },
    ]),
  )
  await agl('traces', 'list', '--wait')
  const texts = async (...flags: string[]) => {
    const { stdout } = await agl('traces', 'logs', ...flags)
    const lines = stdout.split('\n').filter((text) => text !== '')
    return lines.map((text) => (JSON.parse(text) as { preview: string }).preview)
  }
  expect(await texts('--service', 'cli-test')).toEqual(['asked', 'no room left', 'starting'])
  expect(await texts('--contains', 'ROOM')).toEqual(['no room left'])
  expect(await texts('--severity', 'error', '--service', 'cli-test')).toEqual(['no room left'])
  expect(await texts('--service', 'cli-test', '-n', '1')).toEqual(['asked'])
  expect(await texts(traceId)).toEqual(['asked'])
  expect((await agl('traces', 'logs', '--contains', 'room', '--text')).stdout).toMatch(
    /error no room left\n$/,
  )
  const wrong = await agl('traces', 'logs', traceId, '--service', 'x')
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--service is for the logs of all')])
  expect((await agl('traces', 'logs', '--span', spanId)).code).toBe(2)
})

test('delete hides at once, also after the index was made anew', async () => {
  const { traceId } = hostile
  expect((await agl('traces', 'delete', traceId.slice(0, 12), '--text')).stdout).toBe(
    `Deleted trace ${traceId}.\n`,
  )
  expect((await agl('traces', 'show', traceId)).code).toBe(1)
  expect((await agl('reindex')).code).toBe(0)
  await until('the rebuilt index', async () =>
    (await agl('traces', 'list', '--wait')).stdout.includes('plan-trip'),
  )
  expect((await agl('traces', 'show', traceId)).code).toBe(1)
})

test('without a server on the directory, its files are read; what changes them needs one', async () => {
  const stopped = await startServer()
  const span = someSpan({ name: 'kept' })
  await postTraces(stopped, protobufBody([span]))
  await getJson(stopped, '/api/v1/position?wait=1')
  await stopped.stop()
  const on = ['--data-dir', stopped.dataDir]
  expect(JSON.parse((await runAgl(['traces', 'list', ...on])).stdout)).toMatchObject({ name: 'kept' })
  expect(JSON.parse((await runAgl(['traces', 'show', span.traceId, ...on])).stdout)).toMatchObject({
    span: { name: 'kept' },
  })
  const refused = await runAgl(['traces', 'delete', span.traceId, ...on])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('[AGL_NOT_RUNNING]')
  expect((await runAgl(['reindex', ...on])).stdout).toBe('The index holds 1 spans.\n')
})

test('without a server and without a directory named, it says how to start one', async () => {
  const finished = await runAgl(['traces', 'list'], { env: { AGL_DATA_DIR: tempDir() } })
  expect(finished.code).toBe(1)
  expect(finished.stderr).toMatch(/No server is running .*agl agentops --daemon/)
})
