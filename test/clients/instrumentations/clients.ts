// The instrumentations of the field that are run against a server, and what each trace of theirs adds up to.
import { join } from 'node:path'
import { nodeEnvironment } from '../../support/node-client.ts'
import { pythonEnvironment } from '../../support/python.ts'
import { type ClientRun, runNodeClient, runPythonClient } from '../client-run.ts'

/** Where a client finds its servers. */
export interface Addresses {
  /** The server that is tested: a URL, or `localhost:PORT` for gRPC. */
  readonly server: string
  readonly model: string
}

/** One program. */
export interface Instrumentation {
  /** Of its golden, and of the account of what is derived from it. */
  readonly id: string
  readonly title: string
  /** Its folder below `python/` or `js/`. */
  readonly target: string
  readonly language: 'python' | 'js'
  readonly env?: Readonly<Record<string, string>>
}

/** Every program once, as its golden has it. */
export const instrumentations: readonly Instrumentation[] = [
  {
    id: 'openinference-python',
    title: 'OpenInference Python',
    target: 'openinference',
    language: 'python',
  },
  { id: 'openinference-js', title: 'OpenInference JS', target: 'openinference', language: 'js' },
  { id: 'openllmetry-python', title: 'OpenLLMetry Python', target: 'openllmetry', language: 'python' },
  {
    id: 'openllmetry-events',
    title: 'OpenLLMetry Python with events',
    target: 'openllmetry',
    language: 'python',
    env: { AGL_TEST_CONTENT: 'events', TRACELOOP_LOGGING_ENABLED: 'false' },
  },
  { id: 'openllmetry-js', title: 'OpenLLMetry JS', target: 'openllmetry', language: 'js' },
  { id: 'vercel-ai-7', title: 'Vercel AI SDK 7', target: 'vercel-ai', language: 'js' },
  {
    id: 'vercel-ai-legacy',
    title: 'Vercel AI SDK 7 with the names of 4 to 6',
    target: 'vercel-ai',
    language: 'js',
    env: { AGL_TEST_VARIANT: 'legacy' },
  },
]

/** Makes what the program needs. @throws MeansMissing */
export async function prepare({ language, target }: Instrumentation): Promise<void> {
  await (language === 'python' ? pythonEnvironment(target) : nodeEnvironment(target))
}

/** Runs the program in `folder`, which it may write to. */
export async function runInstrumentation(
  { language, target, env }: Instrumentation,
  folder: string,
  addresses: Addresses,
  extra: Readonly<Record<string, string>> = {},
): Promise<ClientRun> {
  const all = {
    OPENAI_API_KEY: 'local',
    OPENAI_BASE_URL: addresses.model,
    OTEL_EXPORTER_OTLP_ENDPOINT: addresses.server,
    TRACELOOP_BASE_URL: addresses.server,
    TRACELOOP_LOGGING_ENABLED: 'true',
    AGL_TEST_MODULES: join(import.meta.dirname, '..', 'js'),
    AI_SDK_LOG_WARNINGS: 'false',
    ...env,
    ...extra,
  }
  if (language === 'python') return runPythonClient(await pythonEnvironment(target), folder, all)
  return runNodeClient(join(await nodeEnvironment(target), 'program.mjs'), folder, all)
}
