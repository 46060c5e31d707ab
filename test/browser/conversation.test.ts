// The conversation of a trace in a real browser: what was said, each message once, and all of it as a link.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { bytesOf, type Golden } from '../clients/goldens/golden.ts'
import { root, until } from '../support/agl.ts'
import { postTraces } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { violations } from './axe.ts'
import { describePage, parameter } from './page-suite.ts'
import { sendDemo } from './traces.ts'

const message = (page: Page, name: RegExp | string) => page.getByRole('article', { name })

/** A model call as OpenTelemetry writes it. */
const chat = (input: readonly object[], output: readonly object[]) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'qwen3',
  'gen_ai.input.messages': JSON.stringify(input),
  'gen_ai.output.messages': JSON.stringify(output),
})
const says = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] })

await describePage('the conversation', (suite) => {
  const { open } = suite

  test('shows each message once, tools with what became of them, and leads to their spans and back', async () => {
    const id = await sendDemo(suite.server)
    const page = await open(`/traces/${id}`)
    await page.getByRole('link', { name: 'Conversation', exact: true }).click()
    await expect.poll(() => parameter(page, 'view')).toBe('conversation')
    await page.getByText('7 messages of 4 calls').waitFor()
    const names = () =>
      page
        .locator('.thread article')
        .evaluateAll((all: { ariaLabel: string }[]) => all.map(({ ariaLabel }) => ariaLabel))
    await expect
      .poll(names)
      .toEqual([
        'system, call 1',
        'user, call 1',
        'assistant, call 1',
        'assistant, call 2',
        'assistant, call 3',
        'assistant, call 4',
        'assistant, call 4',
      ])
    const seats = message(page, 'assistant, call 2')
    await expect
      .poll(() => seats.textContent())
      .toMatch(/check_seats.*failed 600 ms.*seat service timed out.*ran 450 ms.*seats 61, 62, 65/)
    await message(page, 'assistant, call 3').scrollIntoViewIfNeeded()
    await page.getByText('"ref":"QK7X2M"').waitFor()
    await expect.poll(() => violations(page)).toEqual([])

    await seats.getByRole('link', { name: 'failed 600 ms' }).click()
    await page.getByRole('heading', { name: 'execute_tool check_seats' }).waitFor()
    await page.getByRole('link', { name: /call 3 to gpt-4o/ }).click()
    await page.getByRole('heading', { name: 'chat gpt-4o' }).waitFor()
    await page.keyboard.press('1')
    await page.getByRole('treeitem', { name: /chat gpt-4o/, selected: true }).waitFor()
    await page.keyboard.press('2')
    await page.locator('.call-row.selected', { hasText: 'call 3' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'execute_tool check_seats' }).waitFor()
  })

  test('is walked through by keys, and a message is a link', async () => {
    const id = await sendDemo(suite.server)
    const page = await open(`/traces/${id}?view=conversation&span=nothing`)
    await page.getByText('7 messages of 4 calls').waitFor()
    const focused = () => page.evaluate('document.activeElement.ariaLabel')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await expect.poll(() => parameter(page, 'message')).toBe('in.1')
    await expect.poll(focused).toBe('user, call 1')
    await page.keyboard.press('e')
    await expect.poll(() => parameter(page, 'message')).toBe('out.0')
    await expect.poll(focused).toBe('assistant, call 2')
    await page.reload()
    await page.locator('.said.selected', { hasText: 'check_seats' }).waitFor()

    await page.keyboard.press('/')
    await page.keyboard.type('paris est')
    await page.getByText('2 found', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('2 of 2').waitFor()
    await expect
      .poll(() => page.locator('.said.selected').getAttribute('aria-label'))
      .toBe('assistant, call 4')
    await expect
      .poll(() => page.evaluate('[...(CSS.highlights.get("agl-found") ?? [])].map(String)'))
      .toEqual(['Paris Est'])
    await expect.poll(() => parameter(page, 'find')).toBe('paris est')
    // A link in a row keeps what the address has gained since the row was drawn.
    await message(page, 'user, call 1').getByRole('link', { name: 'call 1' }).click()
    await expect
      .poll(() => ['message', 'find'].map((name) => parameter(page, name)))
      .toEqual(['in.1', 'paris est'])
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    await expect.poll(() => parameter(page, 'find')).toBe(null)
  })

  test('is read from what a real client sent, the outer spans of a call not counted', async () => {
    const file = join(root, 'test/clients/goldens/recorded/vercel-ai-legacy.json')
    const { requests } = JSON.parse(readFileSync(file, 'utf8')) as Golden
    for (const request of requests) {
      const body = new Uint8Array(bytesOf(request))
      const { url, method } = request
      const answer = await fetch(suite.server.url + url, { method, headers: request.headers, body })
      expect(answer.status).toBe(200)
    }
    let id = ''
    await until('the trace with two calls is there', async () => {
      const answer = await fetch(`${suite.server.url}/api/v1/traces`)
      const { traces } = (await answer.json()) as {
        traces: { traceId: string; calls: number; tools: number }[]
      }
      id = traces.find(({ calls, tools }) => calls === 2 && tools === 1)?.traceId ?? ''
      return id !== ''
    })
    const page = await open(`/traces/${id}?view=conversation`)
    await page.getByText(/messages? of 2 calls/).waitFor()
    // The last call's answer: all that was said before it is there then.
    await expect
      .poll(() => page.locator('.thread').textContent())
      .toMatch(/^system.*user.*weather.*ran.*messages sent again.*You said: /)
    expect(await message(page, /^user/).count()).toBe(1)
  })

  test('folds what is long so that the browser still finds it, and says what it does not show', async () => {
    const traceId = newTraceId()
    const long = Array.from({ length: 400 }, (_, at) => `line ${at} of the instructions`).join('\n')
    const image = {
      type: 'uri',
      modality: 'image',
      mime_type: 'image/png',
      uri: 'https://images.invalid/cat.png',
    }
    const odd = { type: 'hologram', depth: 3 }
    await postTraces(
      suite.server,
      protobufBody([
        someSpan({
          traceId,
          attributes: chat(
            [
              says('system', long),
              { role: 'user', parts: [{ type: 'text', content: '<b>hi</b>' }, image, odd] },
            ],
            [says('assistant', 'A cat.')],
          ),
        }),
      ]),
    )
    const page = await open(`/traces/${traceId}?view=conversation`)
    const first = message(page, 'system, call 1')
    // The browser's own find looks into what is hidden in this way.
    await first.locator('[hidden=until-found]', { hasText: 'line 300' }).waitFor({ state: 'attached' })
    expect(await first.getByText('line 300').isVisible()).toBe(false)
    // Its field cannot be opened from here; a link into the hidden part has it opened in the same way.
    await page.evaluate("document.querySelector('.said [hidden] pre').id = 'part'; location.hash = 'part'")
    await expect.poll(() => first.getByText('line 300').isVisible()).toBe(true)
    await first.getByRole('button', { name: 'system', exact: true }).click()
    await expect.poll(() => first.getByText('line 300').isVisible()).toBe(false)
    await page.keyboard.press('+')
    await expect.poll(() => first.getByText('line 300').isVisible()).toBe(true)
    const user = message(page, 'user, call 1')
    await user.getByText('<b>hi</b>').waitFor()
    await user.getByText('image/png https://images.invalid/cat.png (not shown)').waitFor()
    await user.getByText('"hologram"').waitFor()
    await expect.poll(() => violations(page)).toEqual([])
  })

  test('has a lane for each agent, folded by a click or a key and in the address', async () => {
    const traceId = newTraceId()
    const [run, hotels] = [newSpanId(), newSpanId()]
    const begun = Date.now() - 10_000
    const at = (ms: number) => BigInt(begun + ms) * 1_000_000n
    const span = (
      name: string,
      parentSpanId: string | undefined,
      from: number,
      to: number,
      attributes: object,
    ) =>
      someSpan({
        traceId,
        name,
        startNs: at(from),
        endNs: at(to),
        ...(parentSpanId === undefined ? {} : { parentSpanId }),
        attributes: attributes as Record<string, string>,
      })
    const agent = (name: string) => ({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name })
    const [question, plan] = [says('user', 'Kyoto?'), says('assistant', 'I ask for hotels.')]
    await postTraces(
      suite.server,
      protobufBody([
        { ...span('run', undefined, 0, 9000, agent('planner')), spanId: run },
        span('chat', run, 10, 100, chat([question], [plan])),
        { ...span('sub', run, 200, 900, agent('hotels')), spanId: hotels },
        span('chat', hotels, 210, 300, chat([says('user', 'List them.')], [says('assistant', 'A ryokan.')])),
        span(
          'chat',
          run,
          1000,
          1100,
          chat([question, plan, says('user', 'And?')], [says('assistant', 'Done.')]),
        ),
      ]),
    )
    const page = await open(`/traces/${traceId}?view=conversation`)
    const inner = page.getByRole('button', { name: 'hotels', exact: true })
    await inner.waitFor()
    await page.getByText('6 messages of 3 calls').waitFor()
    await expect
      .poll(() => page.locator('.thread').textContent())
      .toMatch(/I ask for hotels.*A ryokan.*And\?.*Done/s)
    await inner.click()
    await expect.poll(() => page.getByText('A ryokan.').count()).toBe(0)
    await expect.poll(() => parameter(page, 'lanes')).toMatch(/^[0-9a-f]{10}$/)
    await page.reload()
    // The last call's answer: all that was said before it is there then, or folded.
    await page.getByText('Done.').waitFor()
    expect(await page.getByText('A ryokan.').count()).toBe(0)
    await expect.poll(() => violations(page)).toEqual([])
  })

  test('grows while the trace runs', async () => {
    const traceId = newTraceId()
    const startNs = BigInt(Date.now() - 5000) * 1_000_000n
    const call = (after: bigint, input: readonly object[], answer: string) =>
      someSpan({
        traceId,
        parentSpanId: 'ab'.repeat(8),
        startNs: startNs + after * 1_000_000n,
        endNs: startNs + (after + 500n) * 1_000_000n,
        attributes: chat(input, [says('assistant', answer)]),
      })
    const hi = says('user', 'hi')
    await postTraces(suite.server, protobufBody([call(0n, [hi], 'hello')]))
    const page = await open(`/traces/${traceId}?view=conversation`)
    await page.getByText('2 messages of 1 call').waitFor()
    const next = [hi, says('assistant', 'hello'), says('user', 'bye')]
    await postTraces(suite.server, protobufBody([call(1000n, next, 'see you')]))
    await page.getByText('4 messages of 2 calls').waitFor()
    await page.getByText('2 messages sent again').waitFor()
  })

  test('says what is missing: no call, no messages, messages that cannot be read', async () => {
    const [none, silent] = [newTraceId(), newTraceId()]
    await postTraces(
      suite.server,
      protobufBody([
        someSpan({ traceId: none, attributes: { 'gen_ai.operation.name': 'execute_tool' } }),
        someSpan({ traceId: silent, attributes: { 'gen_ai.operation.name': 'chat' } }),
      ]),
    )
    const page = await open(`/traces/${none}?view=conversation`)
    await page.getByText('There is no model call in this trace.').waitFor()
    await page.goto(`${suite.server.url}/traces/${silent}?view=conversation`)
    await page.getByText('1 call carries no messages').waitFor()

    const id = await sendDemo(suite.server)
    await suite.readable()
    await page.route(/\/messages\?/, (route) =>
      route.fulfill({ status: 200, contentType: 'application/json', body: 'no JSON' }),
    )
    await page.goto(`${suite.server.url}/traces/${id}?view=conversation`)
    await page.getByText(/The messages of 4 calls could not be read/).waitFor()
    await page.unroute(/\/messages\?/)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('7 messages of 4 calls').waitFor()
  })

  test('is asked for with few requests, and what is too large to be answered with others alone', async () => {
    const traceId = newTraceId()
    const startNs = BigInt(Date.now() - 5000) * 1_000_000n
    const calls = Array.from({ length: 40 }, (_, at) =>
      someSpan({
        traceId,
        startNs: startNs + BigInt(at) * 1_000_000n,
        attributes: chat(
          [says('user', at === 20 ? 'long '.repeat(1_000_000) : `question ${at}`)],
          [says('assistant', `answer ${at}`)],
        ),
      }),
    )
    const large = calls[20]?.spanId ?? ''
    await postTraces(suite.server, protobufBody(calls))
    const page = await open(`/traces/${traceId}?view=conversation`)
    await page.getByText('80 messages of 40 calls').waitFor()
    const asked = suite.opened[0]?.asked.filter((url) => /\/messages(\?|$)/.test(url)) ?? []
    expect(asked.filter((url) => url.endsWith(`/spans/${large}/messages`))).toHaveLength(1)
    expect(asked.length).toBeLessThan(8)
  })

  test('fits a page of 390 px: the span takes its place, and back leads to the message', async () => {
    const id = await sendDemo(suite.server)
    const page = await open(`/traces/${id}?view=conversation`, { viewport: { width: 390, height: 844 } })
    await page.getByText('7 messages of 4 calls').waitFor({ state: 'attached' })
    await message(page, 'assistant, call 4').last().waitFor()
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await expect
      .poll(() =>
        page.evaluate(
          'document.querySelector(".thread").scrollWidth <= document.querySelector(".thread").clientWidth',
        ),
      )
      .toBe(true)
    // A touch on a text is no way to leave it.
    await message(page, 'user, call 1').click()
    await message(page, 'assistant, call 2').waitFor()
    await expect.poll(() => violations(page)).toEqual([])
    await page.getByRole('link', { name: 'failed 600 ms' }).click()
    await page.getByRole('heading', { name: 'execute_tool check_seats' }).waitFor()
    await page.goBack()
    await message(page, 'assistant, call 2').waitFor()
  })
})
