import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, tempDir } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { type PythonEnvironment, pythonEnvironment } from '../support/python.ts'
import { agentOpsEnv, type ClientRun, runPythonClient } from './client-run.ts'

const environment = await requireMeans('agentops-0.4.21', () => pythonEnvironment('agentops-0.4.21'))

describe.runIf(environment)('agentops.validate_trace_spans of Python AgentOps 0.4.21', () => {
  let server: TestServer
  let model: ModelServer
  let run: ClientRun

  beforeAll(async () => {
    server = await startServer({ args: ['--store', 'sqlite'] })
    model = await startModelServer()
    const python = environment as PythonEnvironment
    const program = join(python.program, '..', 'validate.py')
    run = await runPythonClient({ ...python, program }, tempDir(), {
      ...agentOpsEnv(server.url),
      AGENTOPS_API_KEY: '11111111-2222-4333-8444-555555555555',
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: model.url,
    })
  })

  afterAll(async () => {
    await model?.close()
    await server?.stop()
  })

  it('finds the spans, the model call among them, and its tokens', () => {
    expect(run.code, run.stderr).toBe(0)
    const line = run.stdout.split('\n').find((text) => text.startsWith('RESULT ')) ?? 'RESULT null'
    const result = JSON.parse(line.slice('RESULT '.length)) as { spans: { span_name: string }[] }
    expect(result).toMatchObject({
      span_count: 3,
      has_llm_spans: true,
      metrics: { total_tokens: 10, prompt_tokens: 4, completion_tokens: 6, total_cost: '0.0000000' },
    })
    expect(result.spans.map(({ span_name }) => span_name).toSorted()).toEqual([
      'ask.task',
      'openai.chat.completion',
      'validated.session',
    ])
  })

  it('is told of a trace that is not there', () => {
    expect(run.stdout).toContain('UNKNOWN ')
  })

  it('reaches nothing outside', () => {
    expect(run.outside).toEqual([])
  })
})
