// Token ids of calls on the page.
import { expect, test } from 'vitest'
import { postTraces } from '../support/http.ts'
import { newSpanId, newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { violations } from './axe.ts'
import { describePage } from './page-suite.ts'

await describePage('the tab of tokens', (suite) => {
  const { open } = suite
  const ids = (prompt: number[], response: number[] | undefined) => ({
    'gen_ai.operation.name': 'chat',
    prompt_token_ids: JSON.stringify(prompt),
    ...(response ? { response_token_ids: JSON.stringify(response) } : {}),
  })

  test('shows the ids, the verdict, and where the prompt stops being the earlier call', async () => {
    const traceId = newTraceId()
    const [first, second, third] = [newSpanId(), newSpanId(), newSpanId()]
    const long = Array.from({ length: 20_000 }, (_, at) => at)
    const startNs = BigInt(Date.now()) * 1_000_000n
    const changed = [...long, 7, 99_999, 8]
    await postTraces(
      suite.server,
      protobufBody([
        someSpan({ traceId, spanId: first, startNs, attributes: ids(long, [7, 77]) }),
        someSpan({ traceId, spanId: second, startNs: startNs + 5n, attributes: ids(changed, [3, 4]) }),
        someSpan({ traceId, spanId: third, name: 'tool', startNs: startNs + 9n }),
      ]),
    )
    const page = await open(`/traces/${traceId}?span=${second}&tab=tokens`)
    const panel = page.getByRole('tabpanel')
    await panel.getByText('prompt 20,003 ids · response 2 ids · no logprobs').waitFor()
    await panel.getByText('Use in training: yes.').waitFor()
    await panel.getByText('stops being the earlier call at id 20,001, in its response').waitFor()
    await panel.getByText('here 99999 8', { exact: true }).waitFor()
    await panel.getByText('there 77', { exact: true }).waitFor()
    // Only what is looked at is drawn, and the difference is looked at.
    await expect.poll(() => panel.locator('.first-unlike').textContent()).toBe('99999')
    expect(await panel.locator('.id').count()).toBeLessThan(1_000)
    await expect.poll(() => violations(page)).toEqual([])
    await panel.getByRole('link', { name: 'the earlier call' }).click()
    await panel.getByText('prompt 20,000 ids').waitFor()
  })

  test('says what to do where ids are missing, and is not there for what is no call', async () => {
    const traceId = newTraceId()
    const [call, tool] = [newSpanId(), newSpanId()]
    await postTraces(
      suite.server,
      protobufBody([
        someSpan({ traceId, spanId: call, attributes: { 'gen_ai.operation.name': 'chat' } }),
        someSpan({
          traceId,
          spanId: tool,
          name: 'lookup',
          attributes: { 'gen_ai.operation.name': 'execute_tool' },
        }),
      ]),
    )
    const page = await open(`/traces/${traceId}?span=${call}&tab=tokens`)
    await page.getByText('Use in training: no.').waitFor()
    await page.getByText('ids.not_on_span').waitFor()
    await page.goto(`${suite.server.url}/traces/${traceId}?span=${tool}`)
    // The tabs of a span are drawn all at once.
    await page.getByRole('heading', { name: 'lookup', level: 2 }).waitFor()
    await page.getByRole('tab', { name: 'Attributes' }).waitFor()
    expect(await page.getByRole('tab', { name: 'Tokens' }).count()).toBe(0)
  })
})
