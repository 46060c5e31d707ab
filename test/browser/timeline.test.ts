// The timeline of a trace in a real browser: zoom, folding, finding, and all of it as a link.

import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { violations } from './axe.ts'
import { describePage, parameter } from './page-suite.ts'
import { sendDemo } from './traces.ts'

interface Measured {
  getBoundingClientRect: () => { x: number; width: number }
  ownerDocument: { querySelector: (selector: string) => Measured | null }
}

/** Where a row's bar is, as shares of the time column; undefined while it is out of sight. */
async function barOf(page: Page, name: RegExp): Promise<{ left: number; width: number } | undefined> {
  const bars = page.getByRole('treeitem', { name }).first().locator('.span-bar')
  // Both are measured in one moment.
  const [measured] = await bars.evaluateAll((all: Measured[]) =>
    all.flatMap((bar) => {
      const box = bar.getBoundingClientRect()
      const axis = bar.ownerDocument.querySelector('.axis')?.getBoundingClientRect()
      return axis ? [{ left: (box.x - axis.x) / axis.width, width: box.width / axis.width }] : []
    }),
  )
  return measured
}

await describePage('the timeline', (suite) => {
  let page: Page
  let id: string
  beforeEach(async () => {
    id = await sendDemo(suite.server)
    page = await suite.open(`/traces/${id}`)
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(20)
  })

  test('keys zoom to a span, in, out, aside and back, and the address carries it', async () => {
    await expect.poll(async () => (await barOf(page, /execute_tool search_rules/))?.width).toBeLessThan(0.3)
    const before = await barOf(page, /execute_tool search_rules/)
    await page.getByRole('treeitem', { name: /execute_tool search_rules/ }).click()
    await page.keyboard.press('z')
    await expect
      .poll(async () => (await barOf(page, /execute_tool search_rules/))?.width)
      .toBeGreaterThan(0.7)
    await expect.poll(() => parameter(page, 'zoom')).toMatch(/^\d+-\d+$/)
    await expect.poll(() => violations(page)).toEqual([])

    await page.reload()
    await expect
      .poll(async () => (await barOf(page, /execute_tool search_rules/))?.width)
      .toBeGreaterThan(0.7)
    const zoomed = await barOf(page, /execute_tool search_rules/)
    await page.keyboard.press('[')
    await expect
      .poll(async () => (await barOf(page, /execute_tool search_rules/))?.width)
      .toBeCloseTo((zoomed?.width ?? 0) / 2, 1)
    await page.keyboard.press('.')
    await expect.poll(async () => (await barOf(page, /execute_tool search_rules/))?.left).toBeLessThan(0.2)
    await page.keyboard.press('0')
    await expect.poll(() => parameter(page, 'zoom')).toBe(null)
    await expect
      .poll(async () => (await barOf(page, /execute_tool search_rules/))?.width)
      .toBeCloseTo(before?.width ?? 0, 2)
  })

  test('the wheel with Ctrl zooms about the pointer, a drag marks what to look at', async () => {
    const axis = await page.locator('.axis').boundingBox()
    if (!axis) throw new Error('the axis is not drawn')
    const before = await barOf(page, /act: step 1/)
    await page.mouse.move(axis.x + axis.width * (before?.left ?? 0), axis.y + 200)
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -400)
    await page.keyboard.up('Control')
    await expect
      .poll(async () => (await barOf(page, /act: step 1/))?.width)
      .toBeGreaterThan((before?.width ?? 0) * 1.5)
    // What is under the pointer stays there.
    await expect
      .poll(async () => (await barOf(page, /act: step 1/))?.left)
      .toBeCloseTo(before?.left ?? Number.NaN, 1)
    expect(await page.evaluate('visualViewport.scale')).toBe(1)
    await page.getByRole('button', { name: 'show all' }).click()
    await expect
      .poll(async () => (await barOf(page, /act: step 1/))?.width)
      .toBeCloseTo(before?.width ?? 0, 2)

    const selected = page.locator('[aria-selected=true][role=treeitem]')
    const id = await selected.getAttribute('id')
    await page.mouse.move(axis.x + axis.width * 0.5, axis.y + 150)
    await page.mouse.down()
    await page.mouse.move(axis.x + axis.width * 0.75, axis.y + 150, { steps: 5 })
    await page.mouse.up()
    await expect.poll(() => parameter(page, 'zoom')).toMatch(/^4\d{6}-6\d{6}$/)
    // The end of a drag is no click.
    await expect.poll(() => selected.getAttribute('id')).toBe(id)
    await page
      .getByRole('treeitem', { name: /^ ?step plan/ })
      .first()
      .waitFor()
    await expect.poll(() => barOf(page, /^ ?step plan/)).toBeUndefined()
  })

  test('what the trace waited for is marked, summed by kind, and walked along', async () => {
    const sums = page.getByRole('heading', { name: 'Critical path' }).locator('..')
    // Of the demo's 8.6 s: its four calls one after the other; of two searches at once only the longer.
    await expect
      .poll(() => sums.textContent())
      .toMatch(/model calls 4\.90 s 56%.*tools 1\.64 s.*retrieval 700 ms/)
    const row = (name: RegExp) => page.getByRole('treeitem', { name })
    const marks = (name: RegExp) => row(name).locator('.span-path').count()
    await expect.poll(() => marks(/execute_tool search_rules/)).toBeGreaterThan(0)
    await row(/execute_tool search_trains/).waitFor()
    expect(await marks(/execute_tool search_trains/)).toBe(0)
    await expect.poll(() => row(/act: step 1/).textContent()).toContain('critical path: ')
    await row(/act: step 1/).click()
    await page.keyboard.press('p')
    await page.getByRole('treeitem', { name: /search_rules/, selected: true }).waitFor()
    await page.keyboard.press('P')
    await page.getByRole('treeitem', { name: /act: step 1/, selected: true }).waitFor()
    await expect.poll(() => violations(page)).toEqual([])
  })

  test('what is folded is in the address, one by one and all at once', async () => {
    const rows = () => page.getByRole('treeitem').count()
    await expect.poll(rows).toBe(20)
    await page
      .getByRole('treeitem', { name: /act: step 1/ })
      .locator('.fold')
      .click()
    await expect.poll(rows).toBe(15)
    await expect.poll(() => parameter(page, 'fold')).toMatch(/^[0-9a-f]{10}$/)
    await page.reload()
    await expect.poll(rows).toBe(15)
    await page.getByRole('button', { name: 'Collapse all' }).click()
    await expect.poll(rows).toBe(1)
    await expect.poll(() => parameter(page, 'fold')).toBe('all')
    await page.getByRole('treeitem').first().locator('.fold').click()
    await expect.poll(rows).toBe(6)
    await expect.poll(() => parameter(page, 'fold')).toMatch(/^all,[0-9a-f]{10}$/)
    await page.reload()
    await expect.poll(rows).toBe(6)
    // What is found opens what it is in.
    await page.keyboard.press('/')
    await page.keyboard.type('pay.example')
    await page.keyboard.press('Enter')
    await page.getByRole('treeitem', { name: /POST pay.example/, selected: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('+')
    await expect.poll(rows).toBe(20)
    await expect.poll(() => parameter(page, 'fold')).toBe(null)
    await page.keyboard.press('-')
    await expect.poll(rows).toBe(1)
  })

  test('spans are found by name, tool, model and error, one after the other', async () => {
    const field = page.getByRole('textbox', { name: /Find a span/ })
    await field.fill('timed out')
    await page.getByText('1 of 1').waitFor()
    await field.fill('gpt-4o')
    await page.getByText('4 found', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('3 of 4').waitFor()
    await page.keyboard.press('Shift+Enter')
    await page.getByText('2 of 4').waitFor()
    await expect.poll(() => parameter(page, 'find')).toBe('gpt-4o')
    await page.reload()
    await page.getByText('2 of 4').waitFor()
  })

  test('errors of the SDK and console text are read on the trace page', async () => {
    const session = '0d56da57-3f0a-4b44-9a52-0123456789ab'
    const traceId = session.replaceAll('-', '')
    const send = async (path: string, body: object, headers: Record<string, string>) => {
      const answer = await fetch(`${suite.server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      expect([path, answer.ok]).toEqual([path, true])
      return answer
    }
    const key = { 'x-agentops-api-key': '11111111-2222-4333-8444-555555555555' }
    const opening = { session: { session_id: session, init_timestamp: '2025-01-24T13:30:40.320715+00:00' } }
    const { jwt } = (await (await send('/v2/create_session', opening, key)).json()) as { jwt: string }
    await send(
      '/v2/developer_errors',
      {
        sdk_version: '0.2.6',
        type: 'ValueError',
        message: 'no clock',
        stack_trace: 'line 1',
        session_id: session,
      },
      { authorization: `Bearer ${jwt}` },
    )
    await send(
      '/v4/logs/upload/',
      { body: 'hello from the console' },
      { 'trace-id': traceId, authorization: `Bearer ${jwt}` },
    )
    await suite.readable()
    await page.goto(`${suite.server.url}/traces/${traceId}?tab=logs`)
    await page.getByText('agentops 0.2.6 failed itself: ValueError: no clock').waitFor()
    await page.getByText('hello from the console').waitFor()
  })
})
