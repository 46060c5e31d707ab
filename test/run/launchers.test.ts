// Programs that another launcher starts under `agl run`.
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { requireMeans } from '../support/means.ts'
import { pythonEnvironment } from '../support/python.ts'
import { agl, programFolder } from './support.ts'

const environment = await requireMeans('opentelemetry-instrument under agl run', () =>
  pythonEnvironment('agentops-0.4.21'),
)

describe.runIf(environment !== undefined)('opentelemetry-instrument', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  test('its program has the hooks, and what the launcher itself loads', async () => {
    const { python = '' } = environment ?? {}
    const program = `import sys
print("agentlightning_hooks" in sys.modules, "opentelemetry.instrumentation.auto_instrumentation" in sys.modules)
`
    const cwd = programFolder({ 'agent.py': program })
    const launcher = join(dirname(python), 'opentelemetry-instrument')
    const args = ['--data-dir', server.dataDir, '--', launcher, python, 'agent.py']
    const ended = await agl(args, { cwd, env: { OTEL_TRACES_EXPORTER: 'none' } })
    expect(ended.stdout, ended.stderr).toBe('True True\n')
  })
})
