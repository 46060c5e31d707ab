// Offline, proved: client, server and stand-in for a model run where the kernel offers nothing but loopback.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startServer, tempDir, testEnv } from '../support/agl.ts'
import { MeansMissing, requireMeans } from '../support/means.ts'
import { pythonEnvironment } from '../support/python.ts'
import { runProgram } from '../support/run-program.ts'
import { readWitness } from './client-run.ts'
import { comparable } from './otlp.ts'
import { readBack } from './read-back.ts'

/** Runs its arguments in a network namespace with loopback alone, as an ordinary user too. */
const isolated = ['--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']

const environment = await requireMeans(
  'offline in a network namespace',
  async () => {
    const tried = await runProgram('unshare', [...isolated, 'true']).catch((error: Error) => ({
      code: -1,
      stderr: error.message,
    }))
    if (tried.code !== 0) throw new MeansMissing(`unshare is not permitted here: ${tried.stderr.trim()}`)
    return pythonEnvironment('agentops-0.4.21')
  },
  'the recorder of connections in agentops-0.4.21.test.ts',
)

describe.runIf(environment)('with nothing but loopback', () => {
  it('records a whole AgentOps program, which is there after kill -9', async () => {
    if (!environment) throw new Error('unreachable: the suite does not run without its environment')
    const { python, program, shared } = environment
    const dataDir = tempDir()
    const witness = join(tempDir(), 'witness.jsonl')
    const runner = join(import.meta.dirname, 'offline-run.ts')
    const ended = await runProgram(
      'unshare',
      [...isolated, process.execPath, runner, python, program, shared, dataDir, witness],
      { env: testEnv(), timeoutMs: 110_000 },
    )
    expect(ended.code, ended.stderr).toBe(0)
    const outcome = JSON.parse(ended.stdout) as { code: number; stderr: string; reachable: string }
    expect(outcome).toMatchObject({ code: 0, reachable: 'ENETUNREACH' })

    const noted = readWitness(witness)
    expect(noted.outside).toEqual([])
    expect(noted.spans.length).toBeGreaterThan(20)
    const server = await startServer({ dataDir })
    expect(comparable((await readBack(server.url)).spans)).toEqual(comparable(noted.spans))
    await server.stop()
  }, 150_000)
})
