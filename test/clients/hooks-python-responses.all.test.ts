// Responses and completions in Python: AgentOps makes the spans of some itself, the hooks those of the others.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extractReply } from '../../packages/agentlightning/src/token-ids/index.ts'
import { startServer, type TestServer } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { type RecordedModel, type SentReply, startRecordedModel } from '../support/recorded-model.ts'
import type { ClientRun } from './client-run.ts'
import { runHooked } from './hooked-run.ts'
import { expectIds, seenBy, spansOf } from './hooks-python-suite.ts'
import type { WholeSpan } from './otlp.ts'
import { readBack } from './read-back.ts'

const program = 'responses.py'
const targets = [
  { name: 'agentops-0.4.13' },
  { name: 'agentops-0.4.15' },
  { name: 'agentops-0.4.16' },
  // The `openai` of these is 1.92 or later, whose responses they do not see.
  { name: 'agentops-0.4.21', blind: true },
  { name: 'agentops-0.4.21-otel-1.45', blind: true },
]

for (const { name, blind = false } of targets) {
  const found = await requireMeans(name, () => pythonEnvironment(name))
  describe.runIf(found)(`the Python hooks with ${name}`, () =>
    describeTarget(found as PythonEnvironment, blind),
  )
}

function describeTarget(environment: PythonEnvironment, blind: boolean): void {
  let server: TestServer
  let model: RecordedModel
  let run: ClientRun
  let sent: readonly SentReply[]
  let spans: readonly WholeSpan[]

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    model = await startRecordedModel()
    run = await runHooked(environment, { server, model }, { program })
    sent = [...model.sent]
    spans = (await readBack(server.url)).spans
  })

  afterAll(async () => {
    await model?.close()
    await server?.stop()
  })

  it('every call has one span, with the ids that were sent', () => {
    expect(run.code, run.stderr).toBe(0)
    expect(sent).toHaveLength(7)
    for (const { id, asked, body } of sent) {
      expect(spansOf(spans, id), asked.model).toHaveLength(1)
      expectIds(spans, { id, asked: asked.model, wanted: asked, tokens: extractReply(Buffer.from(body)) })
    }
  })

  it('the program sees what it sees without the hooks, which then have no span of a response', async () => {
    const env = { PYTHONPATH: environment.shared }
    const bare = await runHooked(environment, { server, model }, { program, env })
    expect(bare.code, bare.stderr).toBe(0)
    expect(seenBy(run).size).toBe(7)
    expect(seenBy(run)).toEqual(seenBy(bare))
    const later = (await readBack(server.url)).spans
    const isResponse = ({ asked }: SentReply): boolean => asked.model.includes('/responses')
    const unseen = model.sent.slice(sent.length).filter(isResponse)
    expect(unseen).toHaveLength(4)
    if (blind) expect(unseen.flatMap(({ id }) => spansOf(later, id))).toEqual([])
  })
}
