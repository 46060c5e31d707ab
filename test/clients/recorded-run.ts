// A Python client of AgentOps that runs once against a server and a model of its own, for the tests of one suite.
import { afterAll, beforeAll } from 'vitest'
import { startServer, type TestServer, tempDir } from '../support/agl.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import type { PythonEnvironment } from '../support/python.ts'
import { agentOpsEnv, type ClientRun, runPythonClient } from './client-run.ts'
import { type Held, readBack } from './read-back.ts'

/** What is there once the client has ended; nothing before the first test. */
export interface RecordedRun {
  server: TestServer
  model: ModelServer
  run: ClientRun
  /** What the server held when the client had ended. */
  held: Held
}

const options = { args: ['--store', 'sqlite'] }

/** Declares that the client runs before the tests around this, with `env` beside what every client is given. */
export function recordRun(environment: PythonEnvironment, env: Record<string, string> = {}): RecordedRun {
  // Filled before the first test; the tests see it then.
  const recorded = {} as RecordedRun
  beforeAll(async () => {
    recorded.server = await startServer(options)
    recorded.model = await startModelServer()
    recorded.run = await runPythonClient(environment, tempDir(), {
      ...agentOpsEnv(recorded.server.url),
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: recorded.model.url,
      ...env,
    })
    recorded.held = await readBack(recorded.server.url)
  })
  afterAll(async () => {
    await recorded.model?.close()
    await recorded.server?.stop()
  })
  return recorded
}

/** Starts the server anew on what the one before left. */
export async function restart(recorded: RecordedRun): Promise<void> {
  recorded.server = await startServer({ ...options, dataDir: recorded.server.dataDir })
}
