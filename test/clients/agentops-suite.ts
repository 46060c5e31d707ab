// What every Python AgentOps of the 0.4 line must find in our server. One test file per version calls this.
import { describe, expect, it } from 'vitest'
import { runAgl } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { comparable, parseLines, type WholeSpan } from './otlp.ts'
import { expectViewsToAgree, readBack, type TraceSummary } from './read-back.ts'
import { recordRun, restart } from './recorded-run.ts'

/** What one of the program's two modes must show. */
export interface ModeExpectation {
  /** Names of all spans that end, sorted, with repetitions. */
  readonly spans: readonly string[]
  /** Names of the traces, sorted, with their end states. */
  readonly traces: readonly (readonly [name: string, endState: string | null])[]
}

/** What is particular to a version. */
export interface AgentOpsTarget {
  readonly version: string
  readonly nested: ModeExpectation
  readonly separate: ModeExpectation
  /** Warnings that this client logs against any server, the hosted one included. */
  readonly ownWarnings: readonly RegExp[]
  /** Hosts that no setting of this client moves, `host:port`, by mode. */
  readonly hardCoded: { readonly nested: readonly string[]; readonly separate: readonly string[] }
}

/** Declares the tests of one version, in both modes of its program. */
export async function describeAgentOps(target: AgentOpsTarget): Promise<void> {
  const name = `agentops-${target.version}`
  const environment = await requireMeans(name, () => pythonEnvironment(name))
  for (const mode of ['nested', 'separate'] as const)
    describe.runIf(environment)(`Python AgentOps ${target.version}, ${mode} traces`, () => {
      describeMode(target, mode, environment as PythonEnvironment)
    })
}

function describeMode(
  target: AgentOpsTarget,
  mode: 'nested' | 'separate',
  environment: PythonEnvironment,
): void {
  const expected = target[mode]
  const recorded = recordRun(environment, { AGL_TEST_MODE: mode })

  it('ends well and ends the spans that its program makes', () => {
    expect(recorded.run.code, recorded.run.stderr).toBe(0)
    expect(recorded.run.spans.map(({ span }) => span.name).toSorted()).toEqual(expected.spans)
    expect(recorded.model.requests.length).toBe(mode === 'nested' ? 6 : 0)
  })

  it('says nothing that the hosted service would not cause', () => {
    const foreign = recorded.run.warnings.filter((line) => !target.ownWarnings.some((own) => own.test(line)))
    expect(foreign).toEqual([])
    const printed = plainLines(recorded.run.stderr).filter(
      (line) => !/^🖇 AgentOps: Session Replay for /u.test(line),
    )
    const logged = recorded.run.warnings.join('\n')
    const unlogged = printed.filter((line) => !logged.includes(line.replace('🖇 AgentOps: ', '')))
    expect(unlogged.filter((line) => !target.ownWarnings.some((own) => own.test(line)))).toEqual([])
  })

  it('reaches nothing outside but the hosts that its authors wrote into it', () => {
    expect(recorded.run.outside.toSorted()).toEqual(target.hardCoded[mode])
    expect(recorded.run.inside.some((address) => address.endsWith(`:${recorded.server.port}`))).toBe(true)
  })

  it('every span is there once, with its parent and everything on it', () => {
    expect(comparable(recorded.held.spans)).toEqual(comparable(recorded.run.spans))
  })

  it('lists, trees and single spans agree with what is exported', async () => {
    await expectViewsToAgree(recorded.server.url, recorded.held)
  })

  it('its traces are listed with their names and end states', () => {
    const listed = recorded.held.traces.map((trace) => [trace.name, trace.endState ?? null])
    expect(listed.toSorted()).toEqual(expected.traces)
    expect(recorded.held.traces.every((trace) => trace.rootKnown && trace.service === 'agentops')).toBe(true)
  })

  if (mode === 'nested')
    it('its row says what happened in it', () => {
      const failed = recorded.run.spans.filter(({ span }) => span.status?.code === 2)
      expect(failed.length).toBeGreaterThan(0)
      const [row] = recorded.held.traces as [TraceSummary]
      expect(row).toMatchObject({
        status: 'error',
        agent: 'Researcher',
        spans: recorded.run.spans.length,
        errors: failed.length,
        calls: recorded.model.requests.length,
        inputTokens: sumOf(recorded.run.spans, 'gen_ai.usage.prompt_tokens'),
        outputTokens: sumOf(recorded.run.spans, 'gen_ai.usage.completion_tokens'),
        totalTokens: sumOf(recorded.run.spans, 'gen_ai.usage.total_tokens'),
        cost: 0.05,
      })
      expect(row.models).toContain('echo-1-2026')
      expect(row.tags).toEqual(expect.arrayContaining(['client-test', 'python']))
    })

  it('what it printed is attached to its first trace', () => {
    const first = rootOf(recorded.run.spans)
    const texts = recorded.held.logs.get(first.span.traceId) ?? []
    expect(texts).toHaveLength(1)
    const lines = plainLines(recorded.run.stdout).filter(
      (line) => mode === 'nested' || line.endsWith('separate-0'),
    )
    expect(lines.length).toBeGreaterThan(0)
    expect(messagesOf(texts[0] as string)).toEqual(lines)
    expect([...recorded.held.logs.values()].flat()).toHaveLength(1)
  })

  it('the links that it prints lead to pages of this server', async () => {
    const links = [
      ...recorded.run.stderr.matchAll(/Session Replay for .*?: (http\S+?trace_id=([0-9a-f]{32}))/g),
    ]
    const sent = new Set(recorded.run.spans.map(({ span }) => span.traceId))
    expect(new Set(links.map(([, , id]) => id))).toEqual(sent)
    for (const [, link] of links) {
      expect(link).toContain(`${recorded.server.url}/sessions?trace_id=`)
      expect((await fetch(link as string)).status).toBe(200)
    }
  })

  it('all of it is there after kill -9 and a restart', async () => {
    await recorded.server.kill()
    await restart(recorded)
    const after = await readBack(recorded.server.url)
    expect(comparable(after.spans)).toEqual(comparable(recorded.run.spans))
    expect(after).toEqual(recorded.held)
  })

  it('the command lists it and shows it whole', async () => {
    const list = await runAgl(['traces', 'list', '--json', '--data-dir', recorded.server.dataDir])
    expect(list.code, list.stderr).toBe(0)
    const ids = parseLines<TraceSummary>(list.stdout).map((trace) => trace.traceId)
    expect(ids).toEqual(recorded.held.traces.map((trace) => trace.traceId))
    const shown: WholeSpan[] = []
    for (const id of ids) {
      const show = await runAgl(['traces', 'show', id, '--json', '--data-dir', recorded.server.dataDir])
      expect(show.code, show.stderr).toBe(0)
      shown.push(...parseLines<WholeSpan>(show.stdout))
    }
    expect(comparable(shown)).toEqual(comparable(recorded.run.spans))
  })
}

/** The root that started first: the span whose end uploads the log. */
function rootOf(spans: readonly WholeSpan[]): WholeSpan {
  const roots = spans.filter(({ span }) => !span.parentSpanId)
  return roots.toSorted((a, b) => startOf(a).localeCompare(startOf(b)))[0] as WholeSpan
}

function startOf({ span }: WholeSpan): string {
  return span.startTimeUnixNano ?? ''
}

/** The sum of an integer attribute over all spans that have it. */
function sumOf(spans: readonly WholeSpan[], key: string): number {
  const found = spans
    .flatMap(({ span }) => span.attributes ?? [])
    .filter((attribute) => attribute.key === key)
  return found.reduce((sum, { value }) => sum + Number(value?.intValue), 0)
}

/** The lines of an uploaded log without its time and level. */
function messagesOf(log: string): string[] {
  return plainLines(log).map((line) => line.replace(/^\d{4}-\d\d-\d\d [\d:,]+ - INFO - /, ''))
}

/** Lines without colours and blank ones. */
function plainLines(text: string): string[] {
  const esc = String.fromCharCode(27)
  return text
    .split('\n')
    .map((line) => line.replaceAll(new RegExp(`${esc}\\[[0-9;]*m`, 'g'), ''))
    .filter((line) => line.trim() !== '')
}
