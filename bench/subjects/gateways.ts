// What stands before a model: nothing, our gateway, and those of others.
import { spawn } from 'node:child_process'
import { request } from 'node:http'
import { join } from 'node:path'
import { liteLlm } from '../../test/support/litellm.ts'
import { MeansMissing } from '../../test/support/means.ts'
import { removeDir, tempDir } from '../processes.ts'
import { agl } from './agl.ts'
import type { Launch } from './subject.ts'

/** Names the `agl-server` of Agent Lightning 1.0 (PyPI `agentlightning==1.0.2`, Python 3.12). */
const AGL_SERVER = 'AGL_BENCH_AGL_SERVER'
const ROLLOUT = 'bench'

/** One way to a model. */
export interface Gateway {
  readonly launch: Launch
  /** Of chat completions. */
  readonly path: string
  readonly ours: boolean
  /** False for one that refuses streams. */
  readonly streams: boolean
  /** What is to be told to it once it runs. */
  announce?(port: number): Promise<void>
}

/** The model itself. */
export function modelStandIn(): Launch {
  const program = join(import.meta.dirname, '..', 'load', 'model-stand-in.ts')
  return {
    name: 'direct',
    tracesPath: '/',
    probePath: '/v1/models',
    spawn: (port) => spawn(process.execPath, [program, String(port)], { stdio: ['ignore', 'pipe', 'pipe'] }),
  }
}

/** Our gateway in front of the model at a port. */
export function ourGateway(model: number): Gateway {
  return {
    launch: agl(['--upstream', `tiny=http://127.0.0.1:${model}/v1`]),
    path: `/rollout/${ROLLOUT}/attempt/0/v1/chat/completions`,
    ours: true,
    streams: true,
  }
}

/** The gateways of others that can be had here; `missing` says which cannot. */
export async function otherGateways(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly gateways: ((model: number) => Gateway)[]; readonly missing: readonly string[] }> {
  const gateways: ((model: number) => Gateway)[] = []
  const missing: string[] = []
  try {
    const make = await liteLlm()
    gateways.push((model) => {
      const folder = tempDir()
      return {
        launch: {
          name: 'LiteLLM',
          tracesPath: '/',
          probePath: '/health/liveliness',
          startMs: 90_000,
          spawn: (port) => {
            const { command, args, env: more } = make(port, `http://127.0.0.1:${model}/v1`, folder)
            return spawn(command, args, { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
          },
          cleanUp: () => removeDir(folder),
        },
        path: '/v1/chat/completions',
        ours: false,
        streams: true,
      }
    })
  } catch (error) {
    if (!(error instanceof MeansMissing)) throw error
    missing.push(`NOT RUN: LiteLLM: ${error.message}`)
  }
  const server = env[AGL_SERVER]
  if (server) gateways.push((model) => agentLightning(server, model))
  else missing.push(`No binary given: Agent Lightning 1.0 (${AGL_SERVER})`)
  return { gateways, missing }
}

function agentLightning(binary: string, model: number): Gateway {
  const folder = tempDir()
  return {
    launch: {
      name: 'Agent Lightning 1.0',
      tracesPath: '/',
      probePath: '/healthz',
      startMs: 60_000,
      spawn: (port) =>
        spawn(binary, ['host=127.0.0.1', `port=${port}`, 'default_proxy.model_name=tiny'], {
          cwd: folder,
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      cleanUp: () => removeDir(folder),
    },
    path: `/proxy/rollout/${ROLLOUT}/attempt/0/mode/val/openai/v1/chat/completions`,
    ours: false,
    streams: false,
    announce: async (port) => {
      await post(port, '/api/models', [{ model: 'tiny', endpoint: `http://127.0.0.1:${model}/v1` }])
      await post(port, '/api/rollouts', [{ input: '', rollout_id: ROLLOUT }])
    },
  }
}

function post(port: number, path: string, value: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers }, (response) => {
      response.resume()
      if (response.statusCode === 201) resolve()
      else reject(new Error(`${path} answered ${response.statusCode}`))
    })
    sent.once('error', reject)
    sent.end(JSON.stringify(value))
  })
}
