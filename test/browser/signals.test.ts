// Log records and metrics on the page.
import { expect, test } from 'vitest'
import { postTraces } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { jsonMetrics, postSignal, protobufLogs } from '../support/otlp-signals.ts'
import { violations } from './axe.ts'
import { describePage, parameter, pathOf } from './page-suite.ts'

await describePage('the page', (suite) => {
  const { open } = suite
  const now = BigInt(Date.now()) * 1_000_000n
  const at = (ms: number) => now + BigInt(ms) * 1_000_000n

  test('shows the log records of a span, of its trace, by severity, and one in full', async () => {
    const traceId = newTraceId()
    const [root, child] = [newSpanId(), newSpanId()]
    await postSignal(
      suite.server,
      'logs',
      protobufLogs('planner', [
        { timeNs: at(10), text: 'asked for hotels', traceId, spanId: root },
        { timeNs: at(20), text: 'no room left', severity: 17, traceId, spanId: child },
        { timeNs: at(30), text: 'cache was cold', traceId, spanId: child },
      ]),
    )
    const spans = [
      someSpan({ traceId, spanId: root, name: 'plan', startNs: now }),
      someSpan({ traceId, spanId: child, parentSpanId: root, name: 'search', startNs: now }),
    ]
    await postTraces(suite.server, protobufBody(spans, { 'service.name': 'planner' }))
    const page = await open(`/traces/${traceId}?span=${child}&tab=logs`)
    const records = page.getByRole('region', { name: 'Log records' })
    await records.getByText('no room left').waitFor()
    const lines = () => records.locator('.log-text').allInnerTexts()
    await expect.poll(lines).toEqual(['no room left', 'cache was cold'])

    await records.getByLabel('Severity').selectOption('error')
    await expect.poll(lines).toEqual(['no room left'])
    await records.getByRole('button', { name: 'no room left' }).click()
    await records.getByText('9007199254740993').waitFor()
    await expect.poll(() => violations(page)).toEqual([])

    await records.getByLabel('Severity').selectOption('')
    await records.getByLabel('Log records of').selectOption('trace')
    await expect.poll(lines).toEqual(['asked for hotels', 'no room left', 'cache was cold'])
  })

  test('lists the log records of all traces by what is asked, one in full, and leads to its trace', async () => {
    const traceId = newTraceId()
    const spanId = newSpanId()
    const many = Array.from({ length: 600 }, (_, n) => ({ timeNs: at(n - 10_000), text: `line ${n}` }))
    await postSignal(suite.server, 'logs', protobufLogs('worker', many))
    await postSignal(
      suite.server,
      'logs',
      protobufLogs('planner', [
        { timeNs: at(10), text: 'asked for hotels' },
        { timeNs: at(20), text: 'no room left', severity: 17, traceId, spanId },
      ]),
    )
    const span = someSpan({ traceId, spanId, name: 'plan', startNs: now })
    await postTraces(suite.server, protobufBody([span], { 'service.name': 'planner' }))
    const page = await open('/traces')
    await page.getByRole('link', { name: 'Logs' }).click()
    const rows = page.getByRole('region', { name: 'List of log records' })
    await rows.getByText('no room left').waitFor()
    const lines = () => rows.locator('.log-text').allInnerTexts()
    await expect
      .poll(async () => (await lines()).slice(0, 3))
      .toEqual(['no room left', 'asked for hotels', 'line 599'])

    // Of 602 rows only those in sight are drawn, and the rest comes as one goes on.
    expect(await rows.getByRole('listitem').count()).toBeLessThan(100)
    const lastLine = async () => {
      await rows.evaluate((element) => element.scrollTo(0, element.scrollHeight))
      return (await lines()).at(-1)
    }
    await expect.poll(lastLine).toBe('line 0')

    await page.getByLabel('Part of the line').fill('ROOM')
    await expect.poll(lines).toEqual(['no room left'])
    await rows.getByRole('button', { name: /no room left/ }).click()
    const record = page.getByRole('region', { name: 'Log record', exact: true })
    await record.getByText('9007199254740993').waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    await page.getByLabel('Part of the line').fill('')
    await page.getByLabel('Service', { exact: true }).fill('planner')
    await expect.poll(lines).toEqual(['no room left', 'asked for hotels'])
    await page.getByLabel('Severity').selectOption('error')
    await expect.poll(lines).toEqual(['no room left'])
    await expect
      .poll(() => ['service', 'severity'].map((name) => parameter(page, name)))
      .toEqual(['planner', 'error'])

    await rows.getByRole('link', { name: `Trace ${traceId.slice(0, 8)}` }).click()
    await expect.poll(() => pathOf(page)).toBe(`/traces/${traceId}`)
    await page.getByRole('region', { name: 'Log records', exact: true }).getByText('no room left').waitFor()
  })

  test('lists metrics, finds them by name and draws a line that the pointer reads', async () => {
    const points = Array.from({ length: 30 }, (_, n) => ({ timeNs: at(n * 1000), value: n * n }))
    await postSignal(suite.server, 'metrics', jsonMetrics('planner', points))
    const page = await open('/traces')
    await page.getByRole('link', { name: 'Metrics' }).click()
    const series = page.getByRole('region', { name: 'Series' })
    await series.getByRole('link', { name: /latency/ }).waitFor()
    await page.getByRole('img', { name: 'latency, mean in s' }).waitFor()

    // Typing goes on where it rested.
    await page.getByLabel('Find a metric').fill('RE')
    await expect.poll(() => parameter(page, 'name')).toBe('RE')
    await page.keyboard.type('Q')
    await expect.poll(() => parameter(page, 'name')).toBe('REQ')
    await expect.poll(() => series.getByRole('link').count()).toBe(1)
    await series.getByRole('link', { name: /requests.*841/ }).click()
    await page.getByRole('img', { name: 'requests, per second' }).waitFor()
    await page.getByLabel('Measure').selectOption('value')
    const chart = page.getByRole('img', { name: 'requests, value' })
    const read = page.getByRole('region', { name: 'Metric' }).locator('strong')
    const readAtEnd = async () => {
      const box = await chart.boundingBox()
      if (!box) return []
      for (const fromEnd of [50, 17]) await page.mouse.move(box.x + box.width - fromEnd, box.y + 100)
      return read.allInnerTexts()
    }
    await expect.poll(readAtEnd).toEqual(['841'])
    await expect.poll(() => violations(page)).toEqual([])
    await page.goto(page.url())
    await page.getByRole('heading', { name: 'requests' }).waitFor()
  })
})
