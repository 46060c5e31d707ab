// How the page is served, and the stream that keeps it current: plain HTTP, no browser.
import { get } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer, until } from '../support/agl.ts'
import { request } from '../support/http.ts'
import { timed } from '../support/timed.ts'
import { buildPage } from './chromium.ts'
import { sendTrace } from './traces.ts'

let server: TestServer
beforeAll(async () => {
  await buildPage()
  server = await startServer({ args: ['--store', 'memory'] })
})
afterAll(() => server.stop())

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'accept-encoding': 'gzip, br' }

/** Opens the live stream and collects what it says. */
async function listen(): Promise<{ text: () => string; ended: () => boolean; close: () => void }> {
  let text = ''
  let ended = false
  const outgoing = get(`http://127.0.0.1:${server.port}/api/v1/live`, { agent: false }, (incoming) => {
    expect(incoming.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    incoming.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    incoming.on('close', () => {
      ended = true
    })
  })
  outgoing.on('error', () => {
    ended = true
  })
  await until('the stream says hello', () => text.includes('event: hello'))
  return { text: () => text, ended: () => ended, close: () => outgoing.destroy() }
}

test('a browser gets the page, under a policy that allows nothing inline or foreign', async () => {
  for (const path of ['/', '/traces', `/traces/${'a'.repeat(32)}?span=1`]) {
    const page = await request(server, { path, headers: { accept: browser.accept } })
    expect([path, page.status, page.headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8'])
    expect(page.body.toString()).toContain('<div id="root">')
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/)
    expect(policy).not.toContain('unsafe')
    expect(page.headers['cache-control']).toBe('no-store')
  }
})

test('programs get the JSON that they always got', async () => {
  for (const accept of ['*/*', 'application/json']) {
    const about = await request(server, { path: '/', headers: { accept } })
    expect(JSON.parse(about.body.toString())).toMatchObject({ product: 'agentlightning' })
  }
  const echo = await request(server, { path: '/traces/abc' })
  expect(JSON.parse(echo.body.toString())).toEqual({ path: 'traces/abc' })
})

test('hashed files may be kept for ever, and the first load is below 150 kB', async () => {
  const page = await request(server, { path: '/', headers: browser })
  expect(page.headers['content-encoding']).toBe('gzip')
  const plain = await request(server, { path: '/', headers: { accept: 'text/html' } })
  const files = [...plain.body.toString().matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
    ([, path]) => path as string,
  )
  expect(files.length).toBeGreaterThanOrEqual(2)
  let bytes = page.body.length
  for (const path of files) {
    const file = await request(server, { path, headers: browser })
    expect(file.status).toBe(200)
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    bytes += file.body.length
  }
  console.log(`first load: ${bytes} bytes in ${files.length + 1} answers`)
  expect(bytes).toBeLessThan(150_000)
})

test.each([
  '/assets/nothing-1234.js',
  '/assets/..%2f..%2fcli.js',
  '/assets/%2e%2e%2findex.html',
  '/assets/x.map',
])('%s is no file of the page', async (path) => {
  expect((await request(server, { path })).status).toBe(404)
})

test.each([
  ['/sessions?trace_id=0123456789abcdef0123456789ABCDEF', '/traces/0123456789abcdef0123456789abcdef'],
  ['/drilldown?session_id=01234567-89ab-cdef-0123-456789abcdef', '/traces/0123456789abcdef0123456789abcdef'],
])('%s, which SDKs print, leads to the trace', async (path, target) => {
  const answer = await request(server, { path })
  expect([answer.status, answer.headers.location]).toEqual([302, target])
})

test('an id that is none leads a browser to the list, never elsewhere', async () => {
  for (const id of ['//evil.example', 'x', '']) {
    const answer = await request(server, { path: `/sessions?trace_id=${id}`, headers: browser })
    expect([answer.status, answer.headers.location]).toEqual([302, '/traces'])
  }
})

test('every listener is told of a trace once it is acknowledged (aim: within 1 s)', async () => {
  const listeners = await Promise.all([listen(), listen(), listen()])
  for (const name of ['one', 'two', 'three']) {
    await sendTrace(server, { name })
    await timed(`${name} is told`, async () => {
      for (const { text } of listeners)
        await until(`${name} is told`, () => text().includes(`"name":"${name}"`))
    })
  }
  for (const { close } of listeners) close()
})

test('a foreign page may not listen', async () => {
  const answer = await request(server, { path: '/api/v1/live', headers: { origin: 'https://evil.example' } })
  expect(answer.status).toBe(403)
})

test('listeners do not hold up the stop of the server', async () => {
  const listener = await listen()
  expect(await timed('the stop', () => server.stop())).toBe(0)
  await until('the stream has ended', listener.ended)
  server = await startServer({ args: ['--store', 'memory'] })
})
