// A Python program with the hooks that runs once against a server and a stand-in for the model, for the tests of one suite.
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { root, startServer, type TestServer, tempDir } from '../support/agl.ts'
import type { PythonEnvironment } from '../support/python.ts'
import { hooksSite } from '../support/python-hooks.ts'
import { type Shape, startTokenServer, type TokenServer } from '../support/token-server.ts'
import { agentOpsEnv, type ClientRun, runPythonClient } from './client-run.ts'
import type { WholeSpan } from './otlp.ts'
import { readBack } from './read-back.ts'

/** What is there once the program has ended; nothing before the first test. */
export interface HookedRun {
  server: TestServer
  model: TokenServer
  run: ClientRun
  /** What the server held when the program had ended. */
  spans: readonly WholeSpan[]
}

/** What a program may have otherwise than others. */
export interface HookedOptions {
  /** File in `python/hooks`; default: the program of the environment. */
  readonly program?: string
  /** Beside what every program is given, or instead: its `PYTHONPATH` names the loader of the hooks. */
  readonly env?: Readonly<Record<string, string>>
}

/** Declares that the program runs before the tests around this. */
export function recordHooked(
  environment: PythonEnvironment,
  shape: Shape,
  options: HookedOptions = {},
): HookedRun {
  // Filled before the first test; the tests see it then.
  const recorded = {} as HookedRun
  beforeAll(async () => {
    recorded.server = await startServer({ args: ['--store', 'sqlite'] })
    recorded.model = await startTokenServer(shape)
    recorded.run = await runHooked(environment, recorded, options)
    recorded.spans = (await readBack(recorded.server.url)).spans
  })
  afterAll(async () => {
    await recorded.model?.close()
    await recorded.server?.stop()
  })
  return recorded
}

/** Runs a program against what is there. */
export function runHooked(
  environment: PythonEnvironment,
  { server, model }: { readonly server: TestServer; readonly model: { readonly url: string } },
  { program, env }: HookedOptions = {},
): Promise<ClientRun> {
  const own = program === undefined ? {} : { program: join(root, 'test/clients/python/hooks', program) }
  return runPythonClient({ ...environment, ...own }, tempDir(), {
    ...agentOpsEnv(server.url),
    AGL_SERVER_URL: server.url,
    OPENAI_API_KEY: 'local',
    OPENAI_BASE_URL: model.url,
    PYTHONPATH: `${hooksSite}:${environment.shared}`,
    ...env,
  })
}
