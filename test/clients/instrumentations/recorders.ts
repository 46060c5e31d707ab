// Every recorder of the client tests as a program that reaches its model at an address of our choice, and what its calls
// become when that is the gateway.
import { join } from 'node:path'
import { nodeEnvironment } from '../../support/node-client.ts'
import { pythonEnvironment } from '../../support/python.ts'
import { type Ended, runProgram } from '../../support/run-program.ts'
import { agentOpsEnv, runNodeClient, runPythonClient } from '../client-run.ts'
import { type Addresses, instrumentations, prepare, runInstrumentation } from './clients.ts'

/** One program, and how many calls of each kind come of it: where from, what was asked for, and how. */
export interface Recorder {
  readonly title: string
  readonly calls: Readonly<Record<string, number>>
  prepare(): Promise<unknown>
  run(folder: string, addresses: Addresses): Promise<Ended>
}

type Calls = Recorder['calls']

/** What `agentops_scenario.py` asks for. */
const scenario = { 'both: chat': 3, 'both: chat, streamed': 1, 'both: failed': 2 }

function instrumented(id: string, calls: Calls): Recorder {
  const found = instrumentations.find((one) => one.id === id)
  if (!found) throw new RangeError(`no instrumentation ${id}`)
  return {
    title: found.title,
    calls,
    prepare: () => prepare(found),
    run: (folder, addresses) => runInstrumentation(found, folder, addresses),
  }
}

function python(
  title: string,
  target: string,
  calls: Calls,
  env: (addresses: Addresses) => Record<string, string>,
): Recorder {
  return {
    title,
    calls,
    prepare: () => pythonEnvironment(target),
    run: async (folder, addresses) =>
      runPythonClient(await pythonEnvironment(target), folder, {
        OPENAI_API_KEY: 'local',
        OPENAI_BASE_URL: addresses.model,
        ...env(addresses),
      }),
  }
}

function agentOps(version: string, calls: Calls, key = 'local'): Recorder {
  return python(`AgentOps Python ${version}`, `agentops-${version}`, calls, ({ server }) => ({
    ...agentOpsEnv(server),
    AGENTOPS_API_KEY: key,
    AGL_TEST_MODE: 'nested',
  }))
}

function framework(title: string, name: string, calls: Calls): Recorder {
  return python(title, 'openinference-frameworks', calls, ({ server }) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: server,
    AGL_TEST_FRAMEWORK: name,
  }))
}

/** SDKs before 0.4 send nothing unless their key is a UUID. */
const legacyKey = '11111111-2222-4333-8444-555555555555'

/** All of them. What is not `both` is a call that the recorder writes no span of, or a span that a program writes by hand. */
export const recorders: readonly Recorder[] = [
  instrumented('openinference-python', {
    'both: chat': 7,
    'both: chat, streamed': 2,
    'both: responses': 2,
    'both: responses, streamed': 1,
    'both: embeddings': 1,
    'both: failed': 1,
    // The program writes it by hand.
    span: 1,
  }),
  instrumented('openinference-js', {
    'both: chat': 6,
    'both: chat, streamed': 2,
    'both: responses': 2,
    'both: responses, streamed': 1,
    'both: embeddings': 1,
    // It never ends their span.
    'gateway: failed': 1,
  }),
  ...['openllmetry-python', 'openllmetry-events'].map((id) =>
    instrumented(id, {
      'both: chat': 7,
      'both: chat, streamed': 2,
      'both: responses': 2,
      'both: responses, streamed': 1,
      'both: embeddings': 1,
      'both: failed': 1,
    }),
  ),
  instrumented('openllmetry-js', {
    'both: chat': 6,
    'both: chat, streamed': 2,
    // It writes no span of them, and never ends the span of a failed call.
    'gateway: embeddings': 1,
    'gateway: failed': 1,
  }),
  ...['vercel-ai-7', 'vercel-ai-legacy'].map((id) =>
    instrumented(id, {
      'both: chat': 6,
      'both: chat, streamed': 1,
      'both: responses': 3,
      'both: embeddings': 2,
      'both: failed': 2,
      // The program writes it by hand.
      span: 1,
    }),
  ),
  framework('OpenInference with LangChain for Python', 'langchain', {
    'both: chat': 6,
    'both: responses': 1,
    'both: responses, streamed': 1,
    'both: chat, streamed': 2,
  }),
  framework('OpenInference with openai-agents', 'agents', {
    'both: chat': 2,
    'both: chat, streamed': 2,
    'both: responses': 2,
    'both: responses, streamed': 2,
  }),
  {
    title: 'OpenInference with LangChain for JavaScript',
    calls: {
      'both: chat': 3,
      'both: chat, streamed': 1,
      'both: responses': 1,
      'both: responses, streamed': 1,
    },
    prepare: () => nodeEnvironment('openinference-langchain'),
    run: async (folder, { server, model }) =>
      runNodeClient(join(await nodeEnvironment('openinference-langchain'), 'program.mjs'), folder, {
        OPENAI_API_KEY: 'local',
        OPENAI_BASE_URL: model,
        OTEL_EXPORTER_OTLP_ENDPOINT: server,
        AGL_TEST_MODULES: join(import.meta.dirname, '..', 'js'),
      }),
  },
  agentOps('0.4.21', scenario),
  agentOps('0.4.16', scenario),
  agentOps('0.4.13', scenario),
  agentOps('0.4.6', { 'both: chat': 1, 'both: chat, streamed': 1, 'both: failed': 1 }),
  ...['0.3.26', '0.2.6'].map((version) =>
    agentOps(
      version,
      {
        'both: chat': 2,
        'both: chat, streamed': 1,
        // They send an event of the error, not of the call.
        'gateway: failed': 1,
        // The program writes it by hand.
        span: 1,
      },
      legacyKey,
    ),
  ),
  {
    title: 'AgentOps JS 0.1.0',
    calls: { 'both: chat': 1 },
    prepare: () => nodeEnvironment('agentops-0.1.0'),
    run: async (folder, { server, model }) =>
      runProgram(process.execPath, ['program.mjs'], {
        cwd: await nodeEnvironment('agentops-0.1.0'),
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          AGL_TEST_RUN: process.env.AGL_TEST_RUN,
          AGL_TEST_URL: server,
          OPENAI_API_KEY: 'local',
          OPENAI_BASE_URL: model,
        },
        timeoutMs: 100_000,
      }),
  },
  python('LiteLLM', 'hooks-litellm', { 'both: chat': 6, 'both: chat, streamed': 4 }, ({ server }) => ({
    AGL_SERVER_URL: server,
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  })),
]
