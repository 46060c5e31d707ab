// What the Python hooks must show with a version of AgentOps, for one shape of model server: the ids on the spans that
// a real server holds are those that were sent, once each, and the program sees what it sees without the hooks.
import { describe, expect, it } from 'vitest'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { hooksFolder } from '../support/python-hooks.ts'
import type { Sent, Shape } from '../support/token-server.ts'
import type { ClientRun } from './client-run.ts'
import { recordHooked, runHooked } from './hooked-run.ts'
import type { AnyValue, WholeSpan } from './otlp.ts'
import { readBack } from './read-back.ts'

/** What is particular to a version. */
export interface HooksTarget {
  /** Folder of its lock file. */
  readonly name: string
  /** Its `openai` has the helper `chat.completions.stream()`. */
  readonly helper: boolean
  /** Without the hooks it exports no span. */
  readonly broken?: boolean
}

const program = 'program.py'
/** The calls of it that every version makes and that end well. */
export const cases = [
  ...['plain', 'stream', 'raw', 'n', 'n-stream', 'tools', 'tools-stream', 'parse', 'logprobs', 'parse-cut'],
  ...['turns-13', 'turns-15', 'turns-20', 'async', 'async-stream', 'async-raw', 'async-parse'],
  ...['gather-a', 'gather-b', 'open', 'beside'],
]

/** Declares the tests of one version, for all shapes. */
export async function describeHooks(target: HooksTarget): Promise<void> {
  const found = await requireMeans(target.name, () => pythonEnvironment(target.name))
  for (const shape of ['vllm', 'litellm', 'sglang'] as const)
    describe.runIf(found)(`the Python hooks with ${target.name} and a server as ${shape}`, () => {
      describeShape(target, shape, found as PythonEnvironment)
    })
}

function describeShape(target: HooksTarget, shape: Shape, environment: PythonEnvironment): void {
  const helped = { AGL_TEST_HELPER: '1' }
  const hooked = recordHooked(environment, shape, { program, env: helped })
  const run = (env: Record<string, string>): Promise<ClientRun> =>
    runHooked(environment, hooked, { program, env })

  const names = target.helper ? [...cases, 'helper'] : cases
  it.each(names)('the span of «%s» has the ids that were sent, exactly and once', (name) => {
    expect(hooked.run.code, hooked.run.stderr).toBe(0)
    const sent = hooked.model.sent.filter(({ asked }) => asked === `case ${name}`)
    expect(sent, hooked.run.stdout + hooked.run.stderr).toHaveLength(1)
    expectIds(hooked.spans, sent[0] as Sent)
    if (shape !== 'litellm') expect(Object.keys(idsOf(sent[0] as Sent)).length).toBeGreaterThan(1)
  })

  it('failed calls are spans with an error and without ids, and the exception is the program’s', () => {
    const failed = hooked.spans.filter(({ span }) => span.status?.code === 2)
    expect(failed.length).toBeGreaterThanOrEqual(2)
    expect(failed.filter(hasIds)).toEqual([])
    expect(seenBy(hooked.run).get('error')?.[0]).toBe('InternalServerError')
  })

  it('conversations longer than the cap of attributes keep what they had', () => {
    for (const turns of [13, 15, 20]) {
      const { id } = hooked.model.sent.find(({ asked }) => asked === `case turns-${turns}`) as Sent
      const keys = spansOf(hooked.spans, id).flatMap(
        ({ span }) => span.attributes?.map(({ key }) => key) ?? [],
      )
      expect(keys).toContain('gen_ai.request.model')
      expect(keys).toContain('gen_ai.prompt.0.role')
    }
  })

  it('after uninstrument everything is as before', () => {
    const { id, wanted } = hooked.model.sent.find(({ asked }) => asked === 'case after') as Sent
    expect(wanted.return_token_ids).toBeUndefined()
    expect(spansOf(hooked.spans, id).length > 0).toBe(target.broken !== true)
    expect(spansOf(hooked.spans, id).filter(hasIds)).toEqual([])
    expect(hooked.run.stdout).toContain('LEFT []')
  })

  it('nothing goes outside, and nothing is said but what the hooks turned', () => {
    expect(hooked.run.outside).toEqual([])
    const said = hooked.run.stderr.split('\n').filter((line) => line.startsWith('agentlightning: '))
    const known = /would go to|refuses the request flag|is mended for/
    expect(said.filter((line) => !known.test(line))).toEqual([])
  })

  if (shape === 'sglang')
    it('a flag that is refused is sent once for chat streams, and then in the other way', () => {
      expect(hooked.model.refused).toHaveLength(1)
    })

  if (shape === 'vllm') {
    it('the program sees what it sees without the hooks', async () => {
      const bare = await run({ PYTHONPATH: environment.shared })
      const own = seenBy(hooked.run)
      own.delete('helper')
      expect(own).toEqual(seenBy(bare))
      const held = (await readBack(hooked.server.url)).spans.length - hooked.spans.length
      expect(held > 0).toBe(target.broken !== true)
    })

    it('the program sees it, too, when the hooks are broken, which say so in one line for each place', async () => {
      const broken = await run({ ...helped, AGL_TEST_BREAK: '1' })
      expect(broken.code, broken.stderr).toBe(0)
      expect(seenBy(broken)).toEqual(seenBy(hooked.run))
      const said = broken.stderr.split('\n').filter((line) => line.includes('broken on purpose'))
      expect(said).toHaveLength(2)
      expect(broken.stderr).not.toContain('Traceback')
    })

    it('ids hold their place under a cap that the user has set, and when hooked by hand', async () => {
      const before = hooked.model.sent.length
      const byHand = await run({
        ...helped,
        PYTHONPATH: `${hooksFolder}:${environment.shared}`,
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '128',
        AGL_TEST_BY_HAND: '1',
      })
      expect(byHand.code, byHand.stderr).toBe(0)
      const later = (await readBack(hooked.server.url)).spans
      for (const sent of hooked.model.sent.slice(before).filter(({ asked }) => asked !== 'case after'))
        expectIds(later, sent)
    })
  }
}

/** Of all spans with the reply's id exactly one has ids, and they are those of the reply. */
export function expectIds(spans: readonly WholeSpan[], sent: Sent): void {
  const { id, asked } = sent
  expect(spansOf(spans, id).length, asked).toBeGreaterThan(0)
  const wanted = idsOf(sent)
  const own = spansOf(spans, id).filter(hasIds)
  expect(own.map(idsOn), asked).toEqual(Object.keys(wanted).length > 0 ? [wanted] : [])
}

/** The attributes that a reply must become. LiteLLM's streams lack ids, or some of them, as it was recorded. */
function idsOf({ tokens, wanted, asked }: Sent): Record<string, number[]> {
  const lists: [string, Uint32Array | undefined][] = [
    ['prompt_token_ids', tokens.promptTokenIds],
    ...tokens.choices.map(({ index, responseTokenIds }): [string, Uint32Array | undefined] => [
      index === 0 ? 'response_token_ids' : `response_token_ids.${index}`,
      responseTokenIds,
    ]),
  ]
  const held = lists.filter(([, ids]) => ids !== undefined)
  if (!wanted.stream) expect(held.length, asked).toBe(wanted.n === 3 ? 4 : 2)
  return Object.fromEntries(held.map(([key, ids]) => [key, [...(ids ?? [])]]))
}

/** The spans with a reply's id. */
export function spansOf(spans: readonly WholeSpan[], responseId: string): WholeSpan[] {
  return spans.filter(({ span }) =>
    span.attributes?.some(
      ({ key, value }) => key === 'gen_ai.response.id' && value?.stringValue === responseId,
    ),
  )
}

/** Whether a span has token ids. */
export function hasIds(span: WholeSpan): boolean {
  return Object.keys(idsOn(span)).length > 0
}

/** The token ids on a span, by attribute. */
export function idsOn({ span }: WholeSpan): Record<string, number[]> {
  const lists = (span.attributes ?? []).filter(({ key }) =>
    /^(prompt|(partial_)?response)_token_ids/.test(key),
  )
  return Object.fromEntries(lists.map(({ key, value }) => [key, integers(value)]))
}

function integers(value: AnyValue | undefined): number[] {
  return (value?.arrayValue?.values ?? []).map(({ intValue }) => Number(intValue))
}

/** What the program printed that it saw, by case. */
export function seenBy(run: ClientRun): Map<string, unknown[]> {
  const lines = run.stdout.split('\n').filter((line) => line.startsWith('SEEN '))
  return new Map(lines.map((line) => JSON.parse(line.slice('SEEN '.length)) as [string, unknown[]]))
}
