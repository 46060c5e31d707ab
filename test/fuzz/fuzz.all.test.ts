import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startServer } from '../support/agl.ts'
import { runSeed } from '../support/random.ts'
import { readStatus, settled } from '../support/read-traces.ts'
import { fuzz, readCalls, readEverything } from './fuzz.ts'
import { startOddUpstream } from './upstream.ts'

const seconds = Number(process.env.AGL_FUZZ_SECONDS ?? 60)
const from = Number(process.env.AGL_FUZZ_FROM ?? 0)

it(`whatever is sent for ${seconds} s, the server answers, lives, and loses nothing`, {
  timeout: (seconds * 2 + 300) * 1000,
}, async () => {
  const seed = runSeed('fuzzing')
  const upstream = await startOddUpstream(seed)
  const gateway = ['--upstream', upstream.url, '--upstream-timeout', '3']
  const server = await startServer({ args: ['--store', 'sqlite', '--grpc-port', '0', ...gateway] })
  const report = await fuzz(server, { seed, from, durationMs: seconds * 1000 })
  process.stdout.write(`fuzzing: ${JSON.stringify(report)}\n`)
  expect(report.cases).toBeGreaterThan(seconds)
  expect(report.spans).toBeGreaterThan(report.cases / 100)
  expect(await readEverything(server, 300)).toBeGreaterThan(0)

  await settled(server)
  const before = (await readStatus(server)).index
  const calls = await readCalls(server, 500)
  expect(calls).toBeGreaterThan(0)
  expect(await server.stop()).toBe(0)
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(join(server.dataDir, `index.db${suffix}`), { force: true })
  const again = await startServer({ dataDir: server.dataDir, args: ['--store', 'sqlite'] })
  await settled(again)
  const after = (await readStatus(again)).index
  expect(after.setAsideCount).toBe(0)
  expect([after.spans, after.traces]).toEqual([before.spans, before.traces])
  expect(await readCalls(again, 0)).toBe(calls)
  await again.stop()
  await upstream.close()
})
