// The histogram above the list of traces in a real browser: what it shows, and how it narrows the time.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { violations } from './axe.ts'
import { describePage, parameter, pathOf } from './page-suite.ts'
import { sendTrace } from './traces.ts'

const HOUR = 3_600_000
/** One hour for all that is sent, however late it becomes. */
const hour = Math.floor(Date.now() / HOUR) * HOUR
const bars = (page: Page) => page.getByRole('toolbar', { name: 'Time in which traces began' })
const bar = (page: Page, words: RegExp) => bars(page).getByRole('button', { name: words })
const names = (page: Page) => page.locator('.row-link').allInnerTexts()
const told = (page: Page) => page.locator('.histogram-told').textContent()

await describePage('the histogram of the list', (suite) => {
  const { open } = suite
  /** Sends a trace that began hours before the hour, in the middle of a bar of up to 15 minutes. */
  const sendAgo = (name: string, hours: number, error?: string) => {
    const began = hour - hours * HOUR + 7.5 * 60_000
    return sendTrace(suite.server, {
      name,
      agoMs: Date.now() - began,
      ...(error === undefined ? {} : { error }),
    })
  }
  /** Three traces, two and one, hours apart. */
  const sendSome = async () => {
    await sendAgo('first a', 10)
    await sendAgo('first b', 10, 'it broke')
    await sendAgo('first c', 10)
    await sendAgo('second a', 5)
    await sendAgo('second b', 5)
    await sendAgo('third', 1)
  }

  /** Waits until all of `sendSome` are drawn: from then on no bar moves. */
  const allDrawn = async (page: Page) => {
    for (const words of [/^3 traces, 1 failed · /, /^2 traces · /, /^1 trace · /])
      await bar(page, words).waitFor()
  }

  test('a bar that is clicked and bars that are dragged over narrow the time, in the address', async () => {
    await sendSome()
    const page = await open('/traces')
    await allDrawn(page)
    await bar(page, /^3 traces, 1 failed · 20.* – .* UTC$/).click()
    await expect.poll(async () => (await names(page)).toSorted()).toEqual(['first a', 'first b', 'first c'])
    await expect.poll(() => parameter(page, 'since')).toMatch(/^20.*Z$/)
    await expect.poll(() => parameter(page, 'until')).toMatch(/^20.*Z$/)
    await page.getByText('3 traces · 1 failed').waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    await page.goBack()
    await allDrawn(page)
    await expect.poll(() => names(page)).toHaveLength(6)

    const [from, to] = [
      await bar(page, /^2 traces · /).boundingBox(),
      await bar(page, /^3 traces/).boundingBox(),
    ]
    if (!from || !to) throw new Error('the bars are not drawn')
    await page.mouse.move(from.x + from.width / 2, from.y + 8)
    await page.mouse.down()
    await page.mouse.move(to.x + to.width / 2, to.y + 40, { steps: 5 })
    await expect.poll(() => told(page)).toMatch(/^5 traces, 1 failed · /)
    await page.mouse.up()
    await expect.poll(() => names(page)).toHaveLength(5)
    await page.reload()
    await page.getByText('5 traces · 1 failed').waitFor()
    await expect.poll(() => names(page)).toHaveLength(5)
  })

  test('keys walk along the bars, take several and choose, and leave the list alone', async () => {
    await sendSome()
    const page = await open('/traces')
    await allDrawn(page)
    const active = () => page.evaluate('document.activeElement.ariaLabel')
    // One stop for Tab: the newest bar.
    await expect.poll(() => bars(page).locator('button[tabindex="0"]').count()).toBe(1)
    await bars(page).locator('button[tabindex="0"]').focus()
    await page.keyboard.press('Home')
    await expect.poll(active).toMatch(/^3 traces, 1 failed/)
    await page.keyboard.press('ArrowRight')
    await expect.poll(active).toMatch(/^0 traces/)
    await page.keyboard.press('Shift+End')
    await expect.poll(() => told(page)).toMatch(/^3 traces · /)
    await expect.poll(() => violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect.poll(() => bars(page).locator('[aria-pressed="true"]').count()).toBe(0)
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Shift+End')
    await expect.poll(() => told(page)).toMatch(/^3 traces · /)
    const before = await bars(page).getByRole('button').count()
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await names(page)).toSorted()).toEqual(['second a', 'second b', 'third'])
    expect(pathOf(page)).toBe('/traces')
    expect(parameter(page, 'peek')).toBe(null)
    // The last bar had the keys. There are fewer now, and the last one has them.
    await expect.poll(() => bars(page).getByRole('button').count()).toBeLessThan(before)
    await expect.poll(active).toMatch(/^1 trace · /)
  })

  test('goes with the filter and with what arrives', async () => {
    await sendSome()
    const page = await open('/traces')
    await allDrawn(page)
    await sendAgo('second c', 5)
    await bar(page, /^3 traces · /).waitFor()
    await page.goto(`${suite.server.url}/traces?q=status%3Aerror`)
    await bar(page, /^1 trace, 1 failed/).waitFor()
    await expect.poll(() => bars(page).getByRole('button').count()).toBe(1)
    await page.goto(`${suite.server.url}/traces?q=nothing`)
    await page.getByText('No trace fits').waitFor()
    await expect.poll(() => bars(page).count()).toBe(0)
  })

  test.each(['light', 'dark'] as const)(
    'fits a page of 390 px, by touch as well (%s)',
    async (colorScheme) => {
      await sendSome()
      const page = await open('/traces', {
        viewport: { width: 390, height: 844 },
        colorScheme,
        hasTouch: true,
      })
      await allDrawn(page)
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390)
      await expect.poll(() => violations(page)).toEqual([])
      await bar(page, /^2 traces · /).tap()
      await expect.poll(async () => (await names(page)).toSorted()).toEqual(['second a', 'second b'])
    },
  )
})
