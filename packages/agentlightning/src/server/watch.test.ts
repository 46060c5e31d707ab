import { expect, test } from 'vitest'
import { Watch } from './watch.ts'

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
  pass(2)
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

test('unknown and refused requests are counted with their newest example', () => {
  const { watch } = watched()
  watch.unknown('GET', '/v2/nothing')
  watch.unknown('GET', '/v2/nothing')
  watch.refused('AGL_BAD_BODY', 'first')
  watch.refused('AGL_BAD_BODY', 'second')
  expect(watch.report()).toMatchObject({
    unknown: [{ what: 'GET /v2/nothing', count: 2 }],
    refused: [{ what: 'AGL_BAD_BODY', count: 2, example: 'second' }],
  })
})

test('however many routes are tried, memory stays bounded', () => {
  const { watch } = watched()
  for (let i = 0; i < 5000; i++) watch.unknown('GET', `/v2/${i}${'x'.repeat(1000)}`)
  const { unknown } = watch.report()
  expect(unknown).toHaveLength(200)
  expect(unknown[0]?.example.length).toBeLessThanOrEqual(300)
})
