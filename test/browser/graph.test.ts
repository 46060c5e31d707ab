// The graph of a trace in a real browser.
import { expect, test } from 'vitest'
import { violations } from './axe.ts'
import { describePage } from './page-suite.ts'
import { sendDemo } from './traces.ts'

await describePage('the graph', (suite) => {
  const { open } = suite

  test('has agents, models and tools with calls, time and failures, and leads to their spans', async () => {
    const id = await sendDemo(suite.server)
    const page = await open(`/traces/${id}`)
    await page.getByRole('tree').waitFor()
    await page.keyboard.press('3')
    await page.getByRole('link', { name: /tool check_seats 2 calls · 1.05 s · 1 failed/ }).waitFor()
    await page.getByRole('link', { name: /model gpt-4o 4 calls · 4.90 s/ }).waitFor()
    const cells = page.getByRole('row', { name: /check_seats/ }).getByRole('cell')
    await expect
      .poll(async () => (await cells.allTextContents()).map((text) => text.trim()))
      .toEqual(['travel-agent', 'check_seats', '2', '1', '1.05 s', '–'])
    await expect.poll(() => violations(page)).toEqual([])
    const places = () =>
      page
        .locator('.node')
        .evaluateAll((all: { style: { left: string; top: string } }[]) =>
          all.map(({ style: { left, top } }) => `${left} ${top}`),
        )
    const before = await places()
    expect(before.length).toBeGreaterThan(5)
    await page.reload()
    await page.getByRole('link', { name: /tool check_seats/ }).waitFor()
    await expect.poll(places).toEqual(before)

    await page.getByRole('link', { name: /tool check_seats/ }).click()
    await page.getByText('1 of 2').waitFor()
    await page.getByRole('treeitem', { name: /failed execute_tool check_seats/, selected: true }).waitFor()
  })

  test('scrolls within itself on a page of 390 px, in the dark as well', async () => {
    const id = await sendDemo(suite.server)
    const page = await open(`/traces/${id}?view=graph`, {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
    })
    await page.getByRole('link', { name: /agent travel-agent 1 call/ }).waitFor()
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await expect.poll(() => violations(page)).toEqual([])
  })
})
