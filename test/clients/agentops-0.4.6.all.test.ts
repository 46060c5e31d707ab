import { describe, expect, it } from 'vitest'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { comparable } from './otlp.ts'
import { expectViewsToAgree, readBack } from './read-back.ts'
import { recordRun, restart } from './recorded-run.ts'

const environment = await requireMeans('agentops-0.4.6', () => pythonEnvironment('agentops-0.4.6'))

describe.runIf(environment)('Python AgentOps 0.4.6', () => {
  const recorded = recordRun(environment as PythonEnvironment)

  /** The session that it starts itself ends at exit, when its exporter has gone: this version never sends it. */
  const sent = () => recorded.run.spans.filter(({ span }) => span.name !== 'session.session')

  it('ends well and ends the spans that its program makes', () => {
    expect(recorded.run.code, recorded.run.stderr).toBe(0)
    expect(recorded.run.spans.map(({ span }) => span.name).toSorted()).toEqual([
      'Researcher.agent',
      'add.task',
      'add_later.task',
      'ask.task',
      'ask_streamed.task',
      'broken.task',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'own_session.session',
      'pipeline.workflow',
      'session.session',
    ])
    expect(recorded.model.requests).toHaveLength(3)
  })

  it('reaches nothing outside but the host that its authors wrote into it', () => {
    expect(recorded.run.outside).toEqual(['otlp.agentops.ai:443'])
  })

  it('every span that it sends is there once, with everything on it', () => {
    expect(comparable(recorded.held.spans)).toEqual(comparable(sent()))
  })

  it('spans whose session never ended stay readable as what they are: without their root', () => {
    const ids = new Set(sent().map(({ span }) => span.spanId))
    const orphans = sent().filter(({ span }) => span.parentSpanId && !ids.has(span.parentSpanId))
    expect(orphans.map(({ span }) => span.name).toSorted()).toEqual([
      'own_session.session',
      'pipeline.workflow',
    ])
    const [unfinished] = recorded.held.traces.filter(({ rootKnown }) => !rootKnown)
    expect(unfinished?.traceId).toBe(orphans[0]?.span.traceId)
  })

  it('lists, trees and single spans agree with what is exported', async () => {
    await expectViewsToAgree(recorded.server.url, recorded.held)
  })

  it('all of it is there after kill -9 and a restart', async () => {
    await recorded.server.kill()
    await restart(recorded)
    expect(await readBack(recorded.server.url)).toEqual(recorded.held)
  })
})
