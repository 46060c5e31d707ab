import { expect, it } from 'vitest'
import { type ProbeAnswer, recognise } from './backend.ts'

function answers(bodies: Record<string, unknown>, headers: readonly string[] = []): Map<string, ProbeAnswer> {
  return new Map(
    Object.entries(bodies).map(([path, body]) => [
      path,
      { status: 200, headers, body: JSON.stringify(body) },
    ]),
  )
}

const models = (owner: string) => ({ data: [{ id: 'm', owned_by: owner }] })

it.each([
  ['vllm', answers({ '/v1/models': models('vllm'), '/version': { version: '0.32.0' } })],
  ['sglang', answers({ '/v1/models': models('sglang') })],
  ['sglang', answers({ '/get_model_info': { model_path: 'm', is_generation: true } })],
  ['llama.cpp', answers({ '/v1/models': models('llamacpp') })],
  ['llama.cpp', answers({ '/props': { default_generation_settings: {} } })],
  ['llama.cpp', answers({ '/v1/models': {} }, ['Server', 'llama.cpp'])],
  ['litellm', answers({ '/v1/models': models('openai') }, ['x-litellm-version', '1.106.2'])],
  [
    'litellm',
    answers({ '/v1/models': models('openai'), '/health/readiness': { litellm_version: '1.106.2' } }),
  ],
  ['litellm', answers({ '/v1/models': models('openai'), '/health/liveliness': "I'm alive!" })],
  ['tgi', answers({ '/info': { model_id: 'm', max_concurrent_requests: 128 } })],
  ['openai', answers({ '/v1/models': models('library') })],
  ['unknown', answers({ '/v1/models': models('somebody') })],
  [undefined, answers({ '/v1/models': 'no object' })],
  [undefined, new Map()],
] as const)('%s', (backend, said) => {
  expect(recognise(said)).toBe(backend)
})
