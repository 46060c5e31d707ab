// The Health page.
import { expect, test } from 'vitest'
import { startServer, type TestServer, tempDir } from '../support/agl.ts'
import { postTraces } from '../support/http.ts'
import { writeRecords } from '../support/log-files.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { violations } from './axe.ts'
import { describePage, parameter, pathOf } from './page-suite.ts'

const dataDir = tempDir()

/** A server with a record that it cannot read, and an upstream that is not there. */
async function startBroken(): Promise<TestServer> {
  await writeRecords(dataDir, [{ payload: Buffer.from('no protobuf at all') }])
  return startServer({ dataDir, args: ['--upstream', 'down=http://127.0.0.1:1'] })
}

await describePage(
  'the Health page',
  (suite) => {
    test('shows what is wrong, the worst first, with figures, requests and what was set aside', async () => {
      const [traceId, twice] = [newTraceId(), newTraceId()]
      const calls = Array.from({ length: 2 }, () =>
        someSpan({ traceId: twice, name: 'chat', attributes: { 'gen_ai.operation.name': 'chat' } }),
      )
      const spans = [someSpan({ traceId }), ...calls]
      await postTraces(suite.server, protobufBody(spans, { 'service.name': 'planner' }))
      await postTraces(suite.server, protobufBody([]), {
        path: '/v1/trace',
        headers: { 'user-agent': 'my-exporter/1' },
      })
      await postTraces(suite.server, 'no protobuf')

      const page = await suite.open('/traces')
      await page.getByText('work').first().waitFor()
      const goByKeys = async () => {
        for (const key of ['g', 'h']) await page.keyboard.press(key)
        return pathOf(page)
      }
      // The second key counts for a second only.
      await expect.poll(goByKeys).toBe('/doctor')
      const findings = page.getByRole('region', { name: 'Findings' })
      // One warning more where the machine has been busy for a minute.
      await findings.getByRole('heading', { name: /^1 error, [34] warnings$/ }).waitFor()
      const rows = findings.getByRole('listitem')
      await expect.poll(() => rows.first().textContent()).toContain('gateway.upstream_down')
      for (const code of ['requests.wrong_endpoint', 'requests.refused', 'records.set_aside'])
        await expect.poll(() => findings.getByText(code, { exact: true }).count()).toBe(1)
      const figures = page.getByRole('region', { name: 'Server' })
      await expect.poll(() => figures.textContent()).toContain(dataDir)
      await figures.getByText('does not answer: ECONNREFUSED').waitFor()
      const arrives = page.getByRole('region', { name: 'What arrives' })
      await arrives.getByRole('table', { name: 'Unknown requests' }).getByText('POST /v1/trace').waitFor()
      await arrives.getByRole('table', { name: 'Refused requests' }).getByText('AGL_BAD_BODY').waitFor()
      await arrives.getByText('otlpTraces').waitFor()
      await arrives.getByRole('link', { name: 'planner' }).waitFor()
      await expect.poll(() => violations(page)).toEqual([])

      await findings.getByText('checks in order').click()
      await findings.getByText('The server at').waitFor()
      // Two calls of one trace are told apart.
      for (const { spanId } of calls) {
        const link = findings.getByRole('link', { name: `${twice.slice(0, 12)}/${spanId.slice(0, 6)}` })
        await expect.poll(() => link.getAttribute('href')).toBe(`/traces/${twice}?span=${spanId}`)
      }
      await findings.getByText('newest').first().waitFor()
      await findings.getByRole('link', { name: traceId.slice(0, 12) }).click()
      await page.getByRole('heading', { name: 'work', level: 1 }).waitFor()
      await page.goBack()
      await page.getByLabel('Calls and traces of the').selectOption('24h')
      await expect.poll(() => parameter(page, 'since')).toBe('24h')
      await findings.getByText('in the last 24h').first().waitFor()
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.getByRole('button', { name: 'Check again' }).click()
      await expect.poll(() => violations(page)).toEqual([])
    })
  },
  startBroken,
)
