// What every Python AgentOps before 0.4 must find in our server. One test file per version calls this.
import { describe, expect, it } from 'vitest'
import { runAgl } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { firstTrace, sentObjects, sentTokens } from './legacy-sent.ts'
import { originalOf, parseLines, type WholeSpan } from './otlp.ts'
import { expectViewsToAgree, readBack, type TraceSummary } from './read-back.ts'
import { recordRun, restart } from './recorded-run.ts'

/** What is particular to a version. */
export interface LegacyTarget {
  readonly version: string
  /** Names of the spans of its first session, sorted, with repetitions. */
  readonly spans: readonly string[]
  /** Each session: its end state, and its tags sorted. */
  readonly sessions: readonly (readonly [endState: string, ...tags: string[]])[]
  /** Routes that it uses, each once, sorted. */
  readonly routes: readonly string[]
  /** Hosts that no setting of this client moves, `host:port`. */
  readonly hardCoded: readonly string[]
  readonly ownWarnings: readonly RegExp[]
}

const key = '11111111-2222-4333-8444-555555555555'

/** Declares the tests of one version. */
export async function describeLegacy(target: LegacyTarget): Promise<void> {
  const name = `agentops-${target.version}`
  const environment = await requireMeans(name, () => pythonEnvironment(name))
  describe.runIf(environment)(`Python AgentOps ${target.version}`, () => {
    describeRun(target, environment as PythonEnvironment)
  })
}

function describeRun(target: LegacyTarget, environment: PythonEnvironment): void {
  const recorded = recordRun(environment, { AGENTOPS_API_KEY: key })

  it('ends well, and every request of it is taken', () => {
    expect(recorded.run.code, recorded.run.stderr).toBe(0)
    expect(recorded.model.requests).toHaveLength(4)
    expect(recorded.run.requests.filter(({ answer }) => answer.status !== 200)).toEqual([])
    expect([...new Set(recorded.run.requests.map(({ url }) => new URL(url).pathname))].toSorted()).toEqual(
      target.routes,
    )
  })

  it('says nothing that the hosted service would not cause', () => {
    const said = recorded.run.stderr.split('\n').filter((line) => line.trim() !== '')
    const own = [/Session Replay: /, /This run's cost \$0\.00/, /Session Stats - /, ...target.ownWarnings]
    expect(said.filter((line) => !own.some((known) => known.test(line)))).toEqual([])
  })

  it('reaches nothing outside but the hosts that its authors wrote into it', () => {
    expect(recorded.run.outside.toSorted()).toEqual(target.hardCoded)
  })

  it('every event, agent and session is there once, as it was sent', () => {
    const sent = sentObjects(recorded.run.requests)
    const stored = recorded.held.spans.map(({ span }) => originalOf(span))
    expect(stored.map((object) => JSON.stringify(object)).toSorted()).toEqual(
      sent.map((object) => JSON.stringify(object)).toSorted(),
    )
  })

  it('the first session has a span for each thing that the program did', () => {
    const id = firstTrace(recorded.run.requests)
    const spans = recorded.held.spans.filter(({ span }) => span.traceId === id)
    expect(spans.map(({ span }) => span.name).toSorted()).toEqual(target.spans)
    const ids = new Set(spans.map(({ span }) => span.spanId))
    expect(spans.filter(({ span }) => span.parentSpanId && !ids.has(span.parentSpanId))).toEqual([])
    const links = spans.flatMap(({ span }) => span.links ?? [])
    expect(links.filter(({ spanId }) => !ids.has(spanId))).toEqual([])
    const triggers = spans.filter(({ span }) => originalOf(span).trigger_event_id)
    expect(links).toHaveLength(triggers.length)
    const agent = spans.find(({ span }) => span.name === 'agent:Ada') as WholeSpan
    const calls = spans.filter(({ span }) => span.parentSpanId === agent.span.spanId)
    expect(calls.map(({ span }) => span.name).toSorted()).toEqual([
      'llm:echo-1-2026',
      'llm:echo-1-2026',
      'llm:echo-1-2026',
    ])
  })

  it('its sessions are listed with end state, tags, models and sums', () => {
    const listed = recorded.held.traces.map(({ endState, tags }) => [endState, ...tags.toSorted()])
    expect(listed.toSorted()).toEqual([...target.sessions].toSorted())
    const row = recorded.held.traces.find(
      ({ traceId }) => traceId === firstTrace(recorded.run.requests),
    ) as TraceSummary
    expect(row).toMatchObject({ name: 'session', agent: 'Ada', calls: 4, rootKnown: true, errors: 3 })
    expect(row.models.toSorted()).toEqual(['echo-1-2026', 'hand-1'])
    expect([row.inputTokens, row.outputTokens]).toEqual(sentTokens(recorded.run.requests))
  })

  it('lists, trees and single spans agree with what is exported', async () => {
    await expectViewsToAgree(recorded.server.url, recorded.held)
  })

  it('all of it is there after kill -9, a restart and a rebuilt index', async () => {
    await recorded.server.kill()
    await restart(recorded)
    expect(await readBack(recorded.server.url)).toEqual(recorded.held)
    await recorded.server.stop()
    const rebuilt = await runAgl(['reindex', '--data-dir', recorded.server.dataDir])
    expect(rebuilt.code, rebuilt.stderr).toBe(0)
    await restart(recorded)
    const after = await readBack(recorded.server.url)
    expect(after.spans).toEqual(recorded.held.spans)
  })

  it('the command shows it whole', async () => {
    const id = firstTrace(recorded.run.requests)
    const show = await runAgl(['traces', 'show', id, '--json', '--data-dir', recorded.server.dataDir])
    expect(show.code, show.stderr).toBe(0)
    expect(parseLines<WholeSpan>(show.stdout)).toEqual(
      recorded.held.spans.filter(({ span }) => span.traceId === id),
    )
  })
}
