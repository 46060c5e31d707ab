// The list of traces in a real browser: what is found, counted, selected, peeked at, compared and deleted.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { violations } from './axe.ts'
import { describePage, parameter, pathOf } from './page-suite.ts'
import { sendDemo, sendTrace } from './traces.ts'

await describePage('the list of traces', (suite) => {
  const { open } = suite
  const remove = async (id: string) => {
    const answer = await fetch(`${suite.server.url}/api/v1/traces/${id}`, { method: 'DELETE' })
    expect(answer.status).toBe(200)
  }
  const names = (page: Page) => page.locator('.row-link').allInnerTexts()
  const isThere = async (id: string) => (await fetch(`${suite.server.url}/api/v1/traces/${id}`)).ok

  test('a trace deleted elsewhere leaves an open list, and its open page says so', async () => {
    const id = await sendTrace(suite.server, { name: 'doomed' })
    await sendTrace(suite.server, { name: 'spared' })
    const list = await open('/traces')
    const trace = await open(`/traces/${id}`)
    await list.getByRole('link', { name: 'doomed' }).waitFor()
    await trace.getByRole('treeitem', { name: /doomed/ }).waitFor()
    await remove(id)
    await list.getByRole('link', { name: 'doomed' }).waitFor({ state: 'detached' })
    await expect.poll(() => names(list)).toEqual(['spared'])
    await trace
      .getByRole('alert')
      .getByText(/was deleted at 20/)
      .waitFor()
    await trace.getByRole('treeitem', { name: /doomed/ }).waitFor()
    const late = await open(`/traces/${id}`)
    await late.getByText('AGL_TRACE_DELETED').waitFor()
    await expect.poll(() => violations(trace)).toEqual([])
    await suite.expectProblem(late, /status of 404/)
    // Where it was still reading when its trace went.
    suite.allowProblem(trace, /status of 404/)
  })

  const suggested = (page: Page) =>
    page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option').allInnerTexts()

  test('values are suggested by the server with their counts, also those that the list does not show', async () => {
    for (const service of ['planner', 'planner', 'booker', 'two words'])
      await sendTrace(suite.server, {
        service,
        attributes: { 'gen_ai.request.model': `model of ${service}` },
      })
    const page = await open('/traces?q=status%3Aok')
    const field = page.getByRole('combobox', { name: 'Filter traces' })
    await page.getByText('4 traces', { exact: true }).waitFor()
    await field.fill('service:')
    await expect
      .poll(() => suggested(page))
      .toEqual(expect.arrayContaining(['planner\n2', 'booker\n1', 'two words\n1']))
    await field.fill('service:pla')
    await expect.poll(() => suggested(page)).toEqual(['planner\n2'])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('2 traces', { exact: true }).waitFor()
    // Only what the other conditions leave is offered.
    await field.fill('model:')
    await expect.poll(() => suggested(page)).toEqual(['model of planner\n2'])
    await field.fill('service:"two w')
    await page.getByRole('option', { name: /two words/ }).click()
    await page.getByRole('button', { name: 'Remove service: two words' }).waitFor()
    await expect.poll(() => parameter(page, 'q')).toBe('status:ok service:"two words"')
    await expect.poll(() => violations(page)).toEqual([])
  })

  test('the count goes with the filter and with what arrives', async () => {
    for (let at = 0; at < 3; at++) await sendTrace(suite.server, { name: `fine ${at}` })
    await sendTrace(suite.server, { name: 'bad', error: 'it broke' })
    const page = await open('/traces')
    await page.getByText('4 traces · 1 failed').waitFor()
    await sendTrace(suite.server, { name: 'bad too', error: 'again' })
    await page.getByText('5 traces · 2 failed').waitFor()
    await page.getByRole('combobox', { name: 'Filter traces' }).fill('fine')
    await page.getByText('3 traces', { exact: true }).waitFor()
  })

  test('what is told while the list is read is in it, although the answer is older', async () => {
    const doomed = await sendTrace(suite.server, { name: 'doomed', agoMs: 60_000 })
    await sendTrace(suite.server, { name: 'spared' })
    const page = await open('/traces')
    await expect.poll(() => names(page)).toEqual(['spared', 'doomed'])
    await page.getByText('listening').waitFor()
    const answered = Promise.withResolvers<void>()
    const told = Promise.withResolvers<void>()
    await page.route(/\/api\/v1\/traces\?.*since=/, async (route) => {
      const response = await route.fetch()
      answered.resolve()
      await told.promise
      await route.fulfill({ response })
    })
    await page.getByLabel('Time range').selectOption('1h')
    await answered.promise
    await remove(doomed)
    // So many spans at once are seen in the bar as soon as the page is told of them.
    await sendTrace(suite.server, { name: 'new', children: 100 })
    await page.getByText(/^recording/).waitFor()
    told.resolve()
    await expect.poll(() => names(page)).toEqual(['new', 'spared'])
  })

  test('a time from … to … is in the address, and holds for what arrives too', async () => {
    await sendTrace(suite.server, { name: 'recent', agoMs: 60_000 })
    await sendTrace(suite.server, { name: 'long ago', agoMs: 5 * 86_400_000 })
    const page = await open('/traces')
    await expect.poll(() => names(page)).toEqual(['recent', 'long ago'])
    await page.getByLabel('Time range').selectOption('24h')
    await expect.poll(() => names(page)).toEqual(['recent'])
    await page.getByLabel('Time range').selectOption('custom')
    const local = await page.evaluate(
      'new Date(Date.now() - new Date().getTimezoneOffset() * 60000 - 86400000).toISOString().slice(0, 19)',
    )
    await page.getByLabel('From', { exact: true }).fill('2020-01-01T00:00:00')
    await page.getByLabel('To', { exact: true }).fill(String(local))
    await expect.poll(() => names(page)).toEqual(['long ago'])
    await expect.poll(() => parameter(page, 'since')).toMatch(/^20(19|20)-.*Z$/)
    await expect.poll(() => parameter(page, 'until')).toMatch(/Z$/)
    await sendTrace(suite.server, { name: 'just now' })
    await sendTrace(suite.server, { name: 'also long ago', agoMs: 6 * 86_400_000 })
    await expect.poll(() => names(page)).toEqual(['long ago', 'also long ago'])
    await expect.poll(() => violations(page)).toEqual([])
    await page.reload()
    await expect.poll(() => names(page)).toEqual(['long ago', 'also long ago'])
    await page.getByLabel('Time range').selectOption('')
    await expect.poll(() => names(page)).toContain('just now')
  })

  test('keys move, select, peek, compare and delete, and what was deleted can be taken back', async () => {
    const older = await sendTrace(suite.server, { name: 'older', agoMs: 60_000 })
    await sendTrace(suite.server, { name: 'old', agoMs: 30_000 })
    const demo = await sendDemo(suite.server)
    const page = await open('/traces')
    await expect.poll(() => names(page)).toEqual(['travel-agent', 'old', 'older'])
    for (const key of ['j', ' ']) await page.keyboard.press(key)
    const peek = page.getByRole('complementary', { name: 'Trace at a glance' })
    await peek.getByText('You are a travel agent for a small company').waitFor()
    await expect.poll(() => parameter(page, 'peek')).toBe(demo)
    await page.keyboard.press('j')
    await peek.getByRole('heading', { name: 'old', exact: true }).waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await peek.waitFor({ state: 'detached' })

    for (const key of ['x', 'j', 'x']) await page.keyboard.press(key)
    await page.getByText('2 traces selected').waitFor()
    await page.keyboard.press('c')
    await page.getByRole('heading', { name: 'Compare' }).waitFor()
    await page.getByRole('link', { name: 'older' }).first().waitFor()
    await page.keyboard.press('Escape')

    await expect.poll(() => pathOf(page)).toBe('/traces')
    await expect.poll(() => names(page)).toEqual(['travel-agent', 'old', 'older'])
    for (const key of ['j', 'j', 'j', 'Delete']) await page.keyboard.press(key)
    const question = page.getByRole('dialog', { name: 'Delete 1 trace?' })
    await question.waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'older' }).waitFor()

    const dismiss = async () => {
      await page.keyboard.press('Delete')
      await question.waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('link', { name: 'older' }).waitFor({ state: 'detached' })
    }
    await page.locator('[data-row="2"]').focus()
    await dismiss()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('link', { name: 'older' }).waitFor()
    expect(await isThere(older)).toBe(true)
    await page.locator('[data-row="2"]').focus()
    await dismiss()
    // Leaving the page does not leave behind what was confirmed.
    await page.goto('about:blank')
    await expect.poll(() => isThere(older), { timeout: 20_000 }).toBe(false)
  })

  test('several are selected with the mouse and deleted once the time to undo is over', async () => {
    const ids: string[] = []
    for (const name of ['one', 'two', 'three']) ids.push(await sendTrace(suite.server, { name }))
    const page = await open('/traces')
    for (const name of ['one', 'three']) await page.getByRole('checkbox', { name: `Select ${name}` }).check()
    await expect.poll(() => violations(page)).toEqual([])
    await page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('2 traces deleted.').waitFor()
    await expect.poll(() => names(page)).toEqual(['two'])
    await expect.poll(() => Promise.all(ids.map(isThere)), { timeout: 30_000 }).toEqual([false, true, false])
    await page.getByText('2 traces deleted.').waitFor({ state: 'detached' })
  })

  test('two runs of one program are told apart', async () => {
    const [a, b] = [await sendDemo(suite.server), await sendDemo(suite.server)]
    const other = await sendTrace(suite.server, { name: 'other', error: 'no room left', children: 3 })
    const page = await open(`/compare?a=${a}&b=${b}`)
    await page.getByText('20 spans without a difference').click()
    await page.getByRole('link', { name: 'execute_tool book' }).first().waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    await page.goto(`${suite.server.url}/compare?a=${a}&b=${other}`)
    await page.getByText('only left').first().waitFor()
    await page.getByText('only right').first().waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await expect.poll(() => page.evaluate('innerWidth')).toBe(390)
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await expect.poll(() => violations(page)).toEqual([])
  })

  test.each(['light', 'dark'] as const)('selection and peek break no rule in %s', async (colorScheme) => {
    await sendDemo(suite.server)
    await sendTrace(suite.server, { name: 'failed', error: 'rate limit', agoMs: 90_000 })
    const page = await open('/traces', { colorScheme })
    await expect.poll(() => names(page)).toEqual(['travel-agent', 'failed'])
    for (const key of ['j', 'x', ' ']) await page.keyboard.press(key)
    await page.getByRole('complementary').getByText('You are a travel agent').waitFor()
    await expect.poll(() => violations(page)).toEqual([])
  })
})
