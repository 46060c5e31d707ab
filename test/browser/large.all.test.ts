// The dashboard with a large trace, a large attribute and a long list.
import { expect, test } from 'vitest'
import { until } from '../support/agl.ts'
import { describePage } from './page-suite.ts'
import { sendTrace } from './traces.ts'

await describePage('the dashboard with much on it', (suite) => {
  const { open } = suite

  test('shows the first rows of a 20,000-span trace within 2 s, and reaches its end', async () => {
    const id = await sendTrace(suite.server, { name: 'giant', children: 19_999 })
    await until('it is indexed', async () => {
      const answer = await fetch(`${suite.server.url}/api/v1/traces/${id}?limit=1`)
      return answer.ok && ((await answer.json()) as { trace: { spans: number } }).trace.spans === 20_000
    })
    const begun = Date.now()
    const page = await open(`/traces/${id}`)
    await page.getByRole('treeitem', { name: /step 0 / }).waitFor()
    expect(Date.now() - begun).toBeLessThan(2000)
    await page.getByText(/of 20,000 read/).waitFor({ state: 'detached' })
    await page.getByRole('textbox', { name: /Find a span/ }).fill('step 19998')
    await page.keyboard.press('Enter')
    await page.getByRole('treeitem', { name: /step 19998 / }).waitFor()
    // Only what is seen is drawn.
    expect(await page.getByRole('treeitem').count()).toBeLessThan(120)
    // No answer is so large that others would wait for it.
    const limits = suite.opened
      .flatMap(({ asked }) => asked)
      .map((url) => Number(new URL(url).searchParams.get('limit') ?? 0))
    expect(Math.max(...limits)).toBeLessThanOrEqual(2000)

    // Keys stay quick: each is answered by a drawn row, its frame included.
    await page.keyboard.press('Escape')
    const pressed = async (key: string, rows: (count: number) => boolean) => {
      const at = Date.now()
      await page.keyboard.press(key)
      await until(`${key} is answered`, async () => rows(await page.getByRole('treeitem').count()))
      return Date.now() - at
    }
    const times = [
      await pressed('-', (count) => count === 1),
      await pressed('+', (count) => count > 20),
      await pressed('z', (count) => count > 20),
      await pressed('j', (count) => count > 20),
      await pressed('0', (count) => count > 20),
    ]
    console.log(`keys on 20,000 spans: ${times.join(', ')} ms`)
    expect(Math.max(...times)).toBeLessThan(1000)
  })

  test('a 5 MB attribute is clipped, and shown further on demand', async () => {
    const large = 'All work and no play makes Jack a dull boy. '.repeat(120_000)
    const id = await sendTrace(suite.server, { name: 'wordy', attributes: { 'input.value': large } })
    await until('it is indexed', async () => (await fetch(`${suite.server.url}/api/v1/traces/${id}`)).ok)
    const page = await open(`/traces/${id}?tab=attributes`)
    const more = page.getByRole('button', { name: /Show more \(5\.\d MB left\)/ })
    await more.waitFor()
    const length = () => page.evaluate('document.body.innerText.length') as Promise<number>
    expect(await length()).toBeLessThan(20_000)
    await more.click()
    await expect.poll(length).toBeGreaterThan(60_000)
    await page.getByRole('tab', { name: 'Messages' }).click()
    await page.getByRole('button', { name: /Show more \(5\.\d MB left\)/ }).waitFor()
  })

  test('a long list is read page by page while one scrolls', async () => {
    for (let from = 0; from < 400; from += 20) {
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          sendTrace(suite.server, { name: `row ${from + at}`, agoMs: 100_000 + (from + at) * 1000 }),
        ),
      )
    }
    const page = await open('/traces?q=row')
    await page.getByRole('link', { name: 'row 0', exact: true }).waitFor()
    await page.getByText('400 traces', { exact: true }).waitFor()
    await until('the end is reached', async () => {
      await page.evaluate("document.querySelector('.rows').scrollBy(0, 2000)")
      return (await page.getByRole('link', { name: 'row 399', exact: true }).count()) === 1
    })
    expect(await page.locator('.row-link').count()).toBeLessThan(100)
    // What arrives now does not move what is seen.
    await sendTrace(suite.server, { name: 'row new' })
    await page.getByRole('button', { name: '1 new trace' }).click()
    await page.getByRole('link', { name: 'row new' }).waitFor()
  })
})
