// The dashboard in a real browser, with a real server.
import { expect, test } from 'vitest'
import { startServer } from '../support/agl.ts'
import { timed } from '../support/timed.ts'
import { violations } from './axe.ts'
import { describePage, parameter, pathOf } from './page-suite.ts'
import { restart } from './restart.ts'
import { sendDemo, sendTrace } from './traces.ts'

await describePage('the dashboard', (suite) => {
  const { open } = suite

  test('says how to begin, with the real port, and turns into a link when the first span arrives', async () => {
    const page = await open('/')
    await page.getByText('waiting for the first span').waitFor()
    await expect
      .poll(() => page.locator('pre').first().textContent())
      .toContain(`AGENTOPS_API_ENDPOINT=${suite.server.url}`)
    await page.getByRole('tab', { name: 'OpenTelemetry' }).click()
    await page.getByRole('button', { name: 'Copy environment' }).click()
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${suite.server.url}`)
    await expect.poll(() => violations(page)).toEqual([])

    await sendTrace(suite.server, { name: 'hello' })
    await page.getByRole('link', { name: 'The first trace is here: hello' }).click()
    await page.getByRole('heading', { name: 'hello', level: 1 }).waitFor()
  })

  test('a trace comes into the list once it is acknowledged (aim: within 1 s), and what changes does too', async () => {
    const old = await sendTrace(suite.server, { name: 'older', agoMs: 60_000 })
    const page = await open('/traces')
    await page.getByRole('link', { name: 'older' }).waitFor()
    for (const name of ['first', 'second', 'third']) {
      await sendTrace(suite.server, { name })
      await timed(`${name} is in the list`, () => page.getByRole('link', { name, exact: true }).waitFor())
    }
    await expect
      .poll(() => page.locator('.row-link').allInnerTexts())
      .toEqual(['third', 'second', 'first', 'older'])

    const answer = await fetch(`${suite.server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: old,
                    spanId: '1234567890abcdef',
                    parentSpanId: 'ffffffffffffffff',
                    name: 'late',
                    startTimeUnixNano: `${Date.now() - 60_000}000000`,
                    endTimeUnixNano: `${Date.now()}000000`,
                    status: { code: 2, message: 'it broke late' },
                  },
                ],
              },
            ],
          },
        ],
      }),
    })
    expect(answer.status).toBe(200)
    await timed('what changed is in the list', () => page.getByText('it broke late').waitFor())
  })

  test('filters are in the address, and back and forward walk through them', async () => {
    await sendTrace(suite.server, { name: 'plan trip', service: 'planner', agoMs: 60_000 })
    await sendTrace(suite.server, { name: 'book hotel', service: 'booker', error: 'no room left' })
    const page = await open('/traces')
    const names = () => page.locator('.row-link').allInnerTexts()
    await page.getByRole('link', { name: 'plan trip' }).waitFor()

    const field = page.getByRole('combobox', { name: 'Filter traces' })
    await field.fill('status:error ')
    await page.getByRole('button', { name: 'Remove status: error' }).waitFor()
    await expect.poll(names).toEqual(['book hotel'])
    await expect.poll(() => parameter(page, 'q')).toBe('status:error')

    await page.goBack()
    await expect.poll(names).toEqual(['book hotel', 'plan trip'])
    await page.goForward()
    await expect.poll(names).toEqual(['book hotel'])

    await page.getByRole('button', { name: 'Remove status: error' }).click()
    await page.getByRole('button', { name: 'planner' }).click()
    await expect.poll(names).toEqual(['plan trip'])
    // Typing goes on where it rested.
    await field.fill('nothing ')
    await expect.poll(() => parameter(page, 'q')).toBe('service:planner nothing')
    await page.keyboard.type('like it')
    await page.getByText('No trace fits').waitFor()
    await page.getByRole('button', { name: 'service: planner', exact: true }).click()
    await page.getByRole('button', { name: '“nothing like it”' }).click()
    await expect.poll(names).toEqual(['book hotel', 'plan trip'])
    await page.getByLabel('Time range').selectOption('15m')
    await expect.poll(() => parameter(page, 'since')).toBe('15m')
  })

  test('a deep link opens a span, also by the address that SDKs print', async () => {
    const id = await sendDemo(suite.server)
    const page = await open(`/sessions?trace_id=${id}`)
    await page.getByRole('tree').waitFor()
    await expect.poll(() => pathOf(page)).toBe(`/traces/${id}`)

    await page.getByRole('treeitem', { name: /failed.*check_seats/ }).click()
    await page.getByText('Error: seat service timed out after 600 ms').first().waitFor()
    await page.getByRole('tab', { name: 'Attributes' }).click()
    await expect.poll(() => parameter(page, 'span')).toMatch(/^[0-9a-f]{16}$/)
    await expect.poll(() => parameter(page, 'tab')).toBe('attributes')
    const other = await open(page.url().slice(suite.server.url.length))
    await other.getByRole('heading', { name: 'execute_tool check_seats' }).waitFor()
    await other.getByText('gen_ai.tool.name').waitFor()
    await expect.poll(() => violations(other)).toEqual([])
  })

  test('a model call shows its messages and the tool calls in them', async () => {
    const id = await sendDemo(suite.server)
    const page = await open(`/traces/${id}?span=144c4d7ad1b19209`)
    const panel = page.getByRole('region', { name: 'Span', exact: true })
    await panel.getByText('You are a travel agent for a small company').waitFor()
    await panel.getByText('ICE 9556 fits the budget').waitFor()
    await panel.getByText('check_seats').waitFor()
    for (const name of ['Parameters', 'Attributes', 'Events', 'Logs', 'Raw']) {
      await panel.getByRole('tab', { name }).click()
      await panel.getByRole('tabpanel', { name }).waitFor()
    }
    await panel
      .getByText('"spanId": "144c4d7ad1b19209"')
      .or(panel.getByText('144c4d7ad1b19209'))
      .first()
      .waitFor()
  })

  test('everything can be reached by keys alone', async () => {
    await sendTrace(suite.server, { name: 'older', agoMs: 60_000 })
    await sendDemo(suite.server)
    const page = await open('/traces')
    await expect.poll(() => page.locator('.row-link').allInnerTexts()).toEqual(['travel-agent', 'older'])
    const focused = () => page.evaluate('document.activeElement.textContent')
    await page.keyboard.press('j')
    await expect.poll(focused).toBe('travel-agent')
    await page.keyboard.press('j')
    await expect.poll(focused).toBe('older')
    await page.keyboard.press('k')
    await expect.poll(focused).toBe('travel-agent')
    await page.keyboard.press('Enter')
    await page.getByRole('tree').waitFor()
    const selected = page.locator('[role=treeitem][aria-selected=true]')
    await page.keyboard.press('e')
    await expect.poll(() => selected.textContent()).toMatch(/failed.*check_seats/)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => selected.textContent()).toMatch(/act: step 2/)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => selected.getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('/')
    await page.keyboard.type('book')
    await page.keyboard.press('Enter')
    await expect.poll(() => selected.textContent()).toMatch(/execute_tool book/)
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    const help = page.getByRole('dialog', { name: 'Keys' })
    await help.waitFor()
    await page.keyboard.press('Escape')
    await help.waitFor({ state: 'hidden' })
    await page.keyboard.press('Escape')
    await expect.poll(() => pathOf(page)).toBe('/traces')
    await page.getByRole('link', { name: 'older' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('older')
    await expect.poll(() => page.locator('.row-link').allInnerTexts()).toEqual(['older'])
  })

  test.each(['light', 'dark'] as const)('no accessibility rule is broken in %s', async (colorScheme) => {
    await sendTrace(suite.server, {
      name: 'failed',
      error: 'rate limit',
      attributes: { 'agentops.tags': '["a"]' },
    })
    const id = await sendDemo(suite.server)
    const page = await open('/traces', { colorScheme })
    await page.getByRole('link', { name: 'failed' }).waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    await page.goto(`${suite.server.url}/traces/${id}?span=144c4d7ad1b19209`)
    await page.getByText('ICE 9556 fits the budget').waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    const brightness = (await page.evaluate(
      `(() => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data[0] })()`,
    )) as number
    expect(brightness > 128).toBe(colorScheme === 'light')
  })

  test('at 390 pixels nothing is cut off and the way goes list, trace, span and back', async () => {
    await sendDemo(suite.server)
    const page = await open('/traces', { viewport: { width: 390, height: 844 } })
    const tooWide = () => page.evaluate('document.documentElement.scrollWidth > innerWidth')
    await page.getByRole('link', { name: 'travel-agent' }).click()
    await page
      .getByRole('treeitem', { name: /chat gpt-4o/ })
      .first()
      .click()
    await page.getByText('You are a travel agent').waitFor()
    await expect.poll(tooWide).toBe(false)
    await expect.poll(() => violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Back to the timeline' }).click()
    await page.getByRole('tree').waitFor()
    await expect.poll(tooWide).toBe(false)
    await page.getByRole('link', { name: 'All traces' }).click()
    await page.getByRole('link', { name: 'travel-agent' }).waitFor()
    await expect.poll(tooWide).toBe(false)
  })

  test('what a model wrote is never run', async () => {
    const evil = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>'
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': evil,
      [evil]: evil,
    }
    const id = await sendTrace(suite.server, { name: evil, service: evil, attributes, error: evil })
    const page = await open('/traces')
    await page.locator('.row-link').click()
    await page.getByRole('tabpanel').getByText('<script>').first().waitFor()
    await page.getByRole('tab', { name: 'Attributes' }).click()
    await page.getByRole('tabpanel').getByText('<script>').first().waitFor()
    expect(await page.title()).not.toBe('run')
    expect(await page.locator('img').count()).toBe(0)
    await expect.poll(() => pathOf(page)).toBe(`/traces/${id}`)
  })

  test('a server that demands a key is asked with the one that is typed in', async () => {
    await suite.server.stop()
    suite.server = await startServer({
      args: ['--store', 'memory', '--api-key', 'open/sesame', '--require-key'],
    })
    const page = await open('/')
    await page.getByLabel('API key').fill('wrong')
    await page.getByRole('button', { name: 'Use this key' }).click()
    // The server is asked with that key, and then there is a new field.
    await expect.poll(() => page.getByLabel('API key').inputValue()).toBe('')
    await page.getByLabel('API key').fill('open/sesame')
    await page.getByRole('button', { name: 'Use this key' }).click()
    await page.getByText('waiting for the first span').waitFor()
    const endpoint = `AGENTOPS_EXPORTER_ENDPOINT=${suite.server.url}/k/open%2Fsesame/v1/traces`
    await expect.poll(() => page.locator('pre').first().textContent()).toContain(endpoint)
    await page.getByText('listening').waitFor()
    await suite.expectProblem(page, /status of 401/)
  })

  test('an unknown trace is told with what to do', async () => {
    const page = await open(`/traces/${'0'.repeat(31)}1`)
    await page.getByRole('alert').getByText('AGL_NOT_FOUND').waitFor()
    await suite.expectProblem(page, /status of 404/)
  })

  test('a server that went and came back is noticed, and what was loaded stays', async () => {
    await sendTrace(suite.server, { name: 'kept' })
    const page = await open('/traces')
    await page.getByRole('link', { name: 'kept' }).waitFor()
    await suite.server.stop()
    await page.getByText('server is gone, reconnecting').waitFor()
    expect(await page.getByRole('link', { name: 'kept' }).count()).toBe(1)
    suite.server = await restart(suite.server)
    await page.getByText('waiting for the first span').waitFor()
    await sendTrace(suite.server, { name: 'again' })
    await page.getByRole('link', { name: /again/ }).waitFor()
    // Noted only where the page asked while no server was there.
    suite.allowProblem(page, /ERR_CONNECTION_|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/)
  })
})
