// The dashboard with a large trace, a large attribute and a long list.
import { expect, test } from 'vitest'
import { until } from '../support/agl.ts'
import { postTraces } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { timed } from '../support/timed.ts'
import { describePage } from './page-suite.ts'
import { sendTrace } from './traces.ts'

await describePage('the dashboard with much on it', (suite) => {
  const { open } = suite

  test('shows the first rows of a 20,000-span trace (aim: within 2 s), and reaches its end', async () => {
    const id = await sendTrace(suite.server, { name: 'giant', children: 19_999 })
    await until('it is indexed', async () => {
      const answer = await fetch(`${suite.server.url}/api/v1/traces/${id}?limit=1`)
      return answer.ok && ((await answer.json()) as { trace: { spans: number } }).trace.spans === 20_000
    })
    const page = await timed('first rows of 20,000 spans', async () => {
      const opened = await open(`/traces/${id}`)
      await opened.getByRole('treeitem', { name: /step 0 / }).waitFor()
      return opened
    })
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
  })

  test('the conversation of 10,000 spans with 2 MB in a message is read in parts, drawn where it is looked at', async () => {
    const [traceId, run] = [newTraceId(), newSpanId()]
    const start = BigInt(Date.now() - 60_000) * 1_000_000n
    const says = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] })
    const history: object[] = [says('system', 'word '.repeat(420_000))]
    const spans = Array.from({ length: 10_000 }, (_, at) => {
      const common = { traceId, parentSpanId: run, startNs: start + BigInt(at) * 5_000_000n }
      const endNs = common.startNs + 4_000_000n
      // The first thirty calls are sent all 2 MB again; the later ones are short and many.
      if (at % 4 !== 0) return someSpan({ ...common, endNs, name: `step ${at}` })
      const input = at < 120 ? [...history, says('user', `question ${at}`)] : [says('user', `question ${at}`)]
      const answer = says('assistant', `answer ${at}`)
      if (at < 120) history.push(says('user', `question ${at}`), answer)
      return someSpan({
        ...common,
        endNs,
        name: 'chat',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.input.messages': JSON.stringify(input),
          'gen_ai.output.messages': JSON.stringify([answer]),
        },
      })
    })
    spans.push(
      someSpan({ traceId, spanId: run, name: 'run', startNs: start, endNs: start + 60_000_000_000n }),
    )
    for (const part of [spans.slice(0, 60), spans.slice(60, 120), spans.slice(120)])
      await postTraces(suite.server, protobufBody(part))
    await until('it is indexed', async () => {
      const answer = await fetch(`${suite.server.url}/api/v1/traces/${traceId}?limit=1`)
      return answer.ok && ((await answer.json()) as { trace: { spans: number } }).trace.spans === 10_001
    })
    const begun = Date.now()
    const page = await open(`/traces/${traceId}?view=conversation`)
    await page.getByRole('article', { name: 'assistant, call 1', exact: true }).waitFor()
    console.log(`first messages of 10,000 spans after ${Date.now() - begun} ms`)
    await page.getByRole('button', { name: 'Read on' }).waitFor({ timeout: 60_000 })
    const asked = () => suite.opened[0]?.asked.filter((url) => /\/messages(\?|$)/.test(url)).length ?? 0
    expect(asked()).toBeLessThan(20)
    // The 2 MB are said once, and not drawn.
    expect(await page.getByRole('article', { name: /^system/ }).count()).toBe(1)
    expect((await page.evaluate('document.body.textContent.length')) as number).toBeLessThan(300_000)
    const more = Date.now()
    await until(
      'all is read',
      async () => {
        const readOn = page.getByRole('button', { name: 'Read on' })
        // It comes and goes as parts are read.
        if ((await readOn.count()) > 0) await readOn.click({ timeout: 1000 }).catch(() => {})
        return (await page.locator('.reading-notes p').count()) === 0
      },
      120_000,
    )
    console.log(`2,500 calls read after ${Date.now() - more} ms more, by ${asked()} requests`)
    await page.getByText('of 2,500 calls').waitFor()
    expect(asked()).toBeLessThan(60)
    expect(await page.getByRole('article').count()).toBeLessThan(100)
    await page.keyboard.press('/')
    await page.keyboard.type('answer 9996')
    await page.getByText('1 found', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'assistant, call 2500' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('k')
    await page.locator('.said.selected', { hasText: 'question 9996' }).waitFor()
  }, 300_000)

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
