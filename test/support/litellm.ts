// The real proxy of LiteLLM in front of a model server, without network.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonEnvironment } from './python.ts'
import type { ServiceCommand } from './service.ts'

const source = join(import.meta.dirname, '..', 'model-servers', 'litellm')

/** Starts of a proxy for the model `tiny` that is served at `url` (with `/v1`); `folder` takes its configuration. */
export type LiteLlm = (
  port: number,
  url: string,
  folder: string,
  provider?: 'hosted_vllm' | 'openai',
) => ServiceCommand

/**
 * Makes the environment of the proxy.
 * @throws MeansMissing when the packages are not to be had
 */
export async function liteLlm(): Promise<LiteLlm> {
  const { python } = await pythonEnvironment('litellm', source)
  return (port, url, folder, provider = 'hosted_vllm') => {
    const config = join(folder, 'litellm.json')
    const model = { model: `${provider}/tiny`, api_base: url, api_key: 'sk-none' }
    // YAML reads JSON.
    writeFileSync(config, JSON.stringify({ model_list: [{ model_name: 'tiny', litellm_params: model }] }))
    return {
      command: join(python, '..', 'litellm'),
      args: ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--telemetry', 'False'],
      env: {
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true',
        NO_PROXY: '*',
      },
      healthPath: '/health/liveliness',
      startMs: 180_000,
    }
  }
}
