import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { span, traceId } from '../conformance/rows.ts'
import type { TraceSummary } from '../contract.ts'
import { openSqliteReader, openSqliteWriter } from './index.ts'

const endlessWriter = fileURLToPath(new URL('./testing/endless-writer.ts', import.meta.url))

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agl-store-'))
  path = join(folder, 'index.db')
})
afterEach(() => rm(folder, { recursive: true }))

describe('an index shared by threads and processes', () => {
  it('is read in another thread as soon as a write resolved', async () => {
    const writer = await openSqliteWriter(path)
    const thread = new Worker(new URL('./testing/reading-thread.ts', import.meta.url), { workerData: path })
    try {
      for (let count = 1; count <= 50; count++) {
        await writer.write({ changes: [span({ span: count })], position: count })
        thread.postMessage(traceId(1))
        const [summary] = (await once(thread, 'message')) as [TraceSummary]
        expect(summary.spans).toBe(count)
      }
    } finally {
      await thread.terminate()
      await writer.close()
    }
  })

  it('has position and rows that agree after its writer was killed', async () => {
    for (let round = 0; round < 4; round++) {
      const said = await writeUntilKilled(40 + round * 13)
      const writer = await openSqliteWriter(path)
      const reader = await openSqliteReader(path)
      const position = await writer.position()
      expect(position).toBeGreaterThanOrEqual(said)
      expect((await reader.stats()).spans).toBe(position * 50)
      let tokens = 0
      for (let trace = 0; trace < 7; trace++) tokens += (await reader.trace(traceId(trace)))?.inputTokens ?? 0
      expect(tokens).toBe(position * 50)
      expect(await writer.check()).toEqual([])
      await reader.close()
      await writer.close()
    }
  })
})

/** Lets a process write, kills it after so many positions, and gives the last one it said. */
async function writeUntilKilled(positions: number): Promise<number> {
  const child = spawn(process.execPath, ['--conditions=agl-source', endlessWriter, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let last = 0
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line)
    if (++count === positions) child.kill('SIGKILL')
  }
  await exited
  expect(count).toBeGreaterThanOrEqual(positions)
  return last
}
