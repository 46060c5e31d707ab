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
const scenario = { 'both: chat': 3, 'both: chat, streamed': 1 }

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

/**
 * All of them. What is not `both` is a call whose recorder tells no response id, an embedding, which has none, or a span
 * that a program writes by hand.
 */
export const recorders: readonly Recorder[] = [
  instrumented('openinference-python', {
    'both: chat': 7,
    'both: chat, streamed': 2,
    'both: responses': 2,
    'both: responses, streamed': 1,
    'gateway: embeddings': 1,
    // The program writes it by hand.
    span: 1,
  }),
  instrumented('openinference-js', {
    'both: chat': 6,
    'both: responses': 2,
    'both: responses, streamed': 1,
    // Its spans of streamed chats hold nothing but the text.
    'gateway: chat, streamed': 2,
    'gateway: embeddings': 1,
    span: 2,
  }),
  ...['openllmetry-python', 'openllmetry-events'].map((id) =>
    instrumented(id, {
      'both: chat': 7,
      'both: chat, streamed': 2,
      'both: responses': 2,
      'both: responses, streamed': 1,
      'both: embeddings': 1,
    }),
  ),
  instrumented('openllmetry-js', {
    'both: chat': 6,
    'both: chat, streamed': 2,
    'gateway: embeddings': 1,
  }),
  ...['vercel-ai-7', 'vercel-ai-legacy'].map((id) =>
    instrumented(id, {
      'both: chat': 6,
      'both: chat, streamed': 1,
      'both: responses': 3,
      'gateway: embeddings': 2,
      // The program writes it by hand.
      span: 1,
    }),
  ),
  framework('OpenInference with LangChain for Python', 'langchain', {
    'both: chat': 6,
    'both: responses': 1,
    'both: responses, streamed': 1,
    // LangChain for Python drops the id of a streamed chat.
    'gateway: chat, streamed': 2,
    span: 2,
  }),
  framework('OpenInference with openai-agents', 'agents', {
    // The SDK hands the messages of plain chats to its tracing, without the id.
    'gateway: chat': 2,
    'both: chat, streamed': 2,
    'both: responses': 2,
    'both: responses, streamed': 2,
    span: 2,
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
  agentOps('0.4.6', { 'both: chat': 1, 'both: chat, streamed': 1 }),
  // Its events hold no id; `span` is one more that the program writes by hand.
  agentOps('0.3.26', { 'gateway: chat': 2, 'gateway: chat, streamed': 1, span: 4 }, legacyKey),
  agentOps('0.2.6', { 'both: chat': 2, 'both: chat, streamed': 1, span: 1 }, legacyKey),
  {
    title: 'AgentOps JS 0.1.0',
    // Its span of a chat holds the prompt alone.
    calls: { 'gateway: chat': 1, span: 1 },
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
        timeoutMs: 50_000,
      }),
  },
  python('LiteLLM', 'hooks-litellm', { 'both: chat': 4, 'both: chat, streamed': 2 }, ({ server }) => ({
    AGL_SERVER_URL: server,
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  })),
]
