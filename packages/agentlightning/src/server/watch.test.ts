import { expect, test } from 'vitest'
import { type UnknownExample, Watch } from './watch.ts'

function watched() {
  let now = 1_000_000
  const watch = new Watch(() => now)
  return { watch, pass: (seconds: number) => (now += seconds * 1000) }
}

test('a client that fetched a token and sends no span shows after 30 s, with the likely cause', () => {
  const { watch, pass } = watched()
  watch.hello('token', 'project', 'agentops-python/0.4.21')
  pass(29)
  expect(watch.report().silentClients).toEqual([])
  expect(watch.waiting().map(({ userAgent }) => userAgent)).not.toEqual([])
  pass(2)
  expect(watch.waiting()).toEqual([])
  const [silent] = watch.report().silentClients
  expect(silent).toMatchObject({ how: 'token', userAgent: 'agentops-python/0.4.21', sinceSeconds: 31 })
  expect(silent?.likelyCause).toContain('opentelemetry-exporter-otlp-proto-http<1.45')
})

test('for other versions the cause is another one', () => {
  const { watch, pass } = watched()
  watch.hello('token', 'project', 'agentops-python/0.4.13')
  pass(60)
  expect(watch.report().silentClients[0]?.likelyCause).toMatch(
    /^The spans go elsewhere: set AGENTOPS_EXPORTER_ENDPOINT/,
  )
})

test('spans of its project, or of nobody known, take a client off the list', () => {
  const { watch, pass } = watched()
  watch.hello('token', 'one', 'a')
  watch.hello('log upload', 'two', 'b')
  pass(60)
  watch.spans('one')
  expect(watch.report().silentClients.map(({ userAgent }) => userAgent)).toEqual(['b'])
  watch.spans(undefined)
  expect(watch.report().silentClients).toEqual([])
})

const example = (over: Partial<UnknownExample> = {}): UnknownExample => ({
  method: 'POST',
  path: '/v2/nothing?a=1',
  contentType: 'application/json',
  userAgent: 'test',
  body: '{}',
  ...over,
})

test('unknown requests are counted by route, with their first example', () => {
  const { watch } = watched()
  expect(watch.unknown('POST', '/v2/nothing')).toBe(true)
  watch.unknownExample('/v2/nothing', example())
  expect(watch.unknown('POST', '/v2/nothing')).toBe(false)
  watch.unknownExample('/v2/nothing', example({ body: 'another' }))
  const ids = ['17', '4bf92f3577b34da6a3ce929d0e0e4736', '0d56da57-7a4c-4b6a-8d1e-0123456789ab']
  for (const id of ids) watch.unknown('GET', `/v2/sessions/${id}/more`)
  expect(watch.report().unknown).toMatchObject([
    { what: 'POST /v2/nothing', count: 2, example: example() },
    { what: 'GET /v2/sessions/:id/more', count: 3, example: undefined },
  ])
})

test('an example is cut, and no secret is in it', () => {
  const { watch } = watched()
  const secret = 'k-0123456789'
  watch.unknown('POST', '/v2/nothing')
  const body = `{"api_key":"${secret}","text":"${'x'.repeat(1000)}"}`
  watch.unknownExample('/v2/nothing', example({ path: `/v2/nothing?token=${secret}`, body }))
  watch.refused('AGL_BAD_REQUEST', `GET /v2/x?api_key=${secret}: no`)
  const report = watch.report()
  expect(JSON.stringify(report)).not.toContain(secret)
  expect(report.unknown[0]?.example?.body).toHaveLength(500)
  expect(report.unknown[0]?.example?.body).toMatch(/^{"api_key":"\(removed\)","text":"x+…$/)
})

test('refused requests are counted with their newest example', () => {
  const { watch } = watched()
  watch.refused('AGL_BAD_BODY', 'first')
  watch.refused('AGL_BAD_BODY', 'second')
  expect(watch.report().refused).toMatchObject([{ what: 'AGL_BAD_BODY', count: 2, example: 'second' }])
})

test('however many routes are tried, memory stays bounded and all are counted', () => {
  const { watch } = watched()
  for (let i = 0; i < 5000; i++) {
    const path = `/v2/x${i}${'x'.repeat(1000)}`
    if (watch.unknown('GET', path)) watch.unknownExample(path, example({ method: 'GET', path }))
  }
  const { unknown } = watch.report()
  expect(unknown).toHaveLength(200)
  expect(unknown[0]?.example?.path).toHaveLength(300)
  expect(unknown.at(-1)).toMatchObject({ what: 'other routes', count: 5000 - 199, example: undefined })
})
