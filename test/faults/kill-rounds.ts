// Rounds of `kill -9` under load on one data directory, and the comparison with what was acknowledged.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { LogReader } from '../../packages/agentlightning/src/log/reader.ts'
import { parsePosition } from '../../packages/agentlightning/src/log/record.ts'
import { spawnAgl, startServer, type TestServer, tempDir, until } from '../support/agl.ts'
import type { Target } from '../support/http.ts'
import { type Batch, type Load, startLoad } from '../support/load.ts'
import { exportTrace, readStatus, readTrace, settled } from '../support/read-traces.ts'

const CLIENTS = 6
/** Batches of a round that are acknowledged before its kill. */
export const AT_LEAST = 30

/** What all rounds together found. */
export interface KillReport {
  /** Batches acknowledged before a kill. */
  readonly acknowledged: number
  /** Batches that were under way at a kill. */
  readonly cutOff: number
  /** Everything that is not as promised, in words; empty when all is well. */
  readonly problems: readonly string[]
}

/** Kills a server `rounds` times: under load, and every third time also while it starts again. */
export async function killRounds(rounds: number, random: () => number): Promise<KillReport> {
  const dataDir = tempDir()
  const loads: Load[] = []
  const problems: string[] = []
  for (let round = 1; round <= rounds; round++) {
    const server = await startServer({ dataDir })
    const load = startLoad(server, CLIENTS, random)
    loads.push(load)
    await until('some batches are acknowledged', () => load.acknowledged.length >= AT_LEAST)
    await sleep(random() * 1500)
    await server.kill()
    await load.stop()
    if (round % 3 === 0) await killWhileStarting(dataDir, random() * 400)
    const again = await startServer({ dataDir })
    for (const problem of await compare(again, loads, load)) problems.push(`round ${round}: ${problem}`)
    const { log } = await readStatus(again)
    await again.stop()
    for (const problem of checkFiles(dataDir, log.durable)) problems.push(`round ${round}: ${problem}`)
  }
  const count = (of: (load: Load) => readonly Batch[]) =>
    loads.reduce((sum, load) => sum + of(load).length, 0)
  return {
    acknowledged: count((load) => load.acknowledged),
    cutOff: count((load) => load.others),
    problems,
  }
}

async function killWhileStarting(dataDir: string, afterMs: number): Promise<void> {
  const child = spawnAgl(['agentops', '--port', '0', '--data-dir', dataDir])
  const gone = new Promise((resolve) => child.once('close', resolve))
  await sleep(afterMs)
  child.kill('SIGKILL')
  await gone
}

/** Reads back the newest load whole, and of all loads so far the number of spans. */
async function compare(server: TestServer, loads: readonly Load[], newest: Load): Promise<string[]> {
  await settled(server)
  const problems: string[] = []
  for (const traceId of tracesOf(newest)) problems.push(...(await compareTrace(server, newest, traceId)))
  let spans = 0
  for (const load of loads)
    for (const traceId of tracesOf(load)) spans += (await readTrace(server, traceId))?.trace.spans ?? 0
  const { index } = await readStatus(server)
  if (index.spans !== spans) problems.push(`the index counts ${index.spans} spans, the traces ${spans}`)
  if (index.duplicates > 0) problems.push(`${index.duplicates} spans were indexed twice`)
  if (index.setAsideCount > 0) problems.push(`${index.setAsideCount} records were set aside`)
  return problems
}

async function compareTrace(server: Target, load: Load, traceId: string): Promise<string[]> {
  const ofTrace = (batches: readonly Batch[]) => batches.filter((batch) => batch.traceId === traceId)
  const [acknowledged, others] = [ofTrace(load.acknowledged), ofTrace(load.others)]
  const found = await readTrace(server, traceId)
  if (!found) return acknowledged.length === 0 ? [] : [`trace ${traceId} is gone`]
  const perBatch = new Map<number, number>()
  for (const { name } of found.spans) {
    const number = Number(name.split('-')[0])
    perBatch.set(number, (perBatch.get(number) ?? 0) + 1)
  }
  const problems: string[] = []
  const once = new Set(found.spans.map(({ spanId }) => spanId)).size
  if (once !== found.spans.length) problems.push(`${found.spans.length - once} spans are there twice`)
  for (const { number, spans } of acknowledged)
    if (perBatch.get(number) !== spans)
      problems.push(`acknowledged batch ${number}: ${perBatch.get(number) ?? 0} of ${spans} spans`)
  for (const { number, spans } of others) {
    const there = perBatch.get(number) ?? 0
    if (there !== 0 && there !== spans)
      problems.push(`batch ${number} is there in part: ${there} of ${spans}`)
  }
  const known = new Set([...acknowledged, ...others].map(({ number }) => number))
  for (const number of perBatch.keys())
    if (!known.has(number)) problems.push(`batch ${number} was never sent`)
  return [...problems, ...(await comparePayloads(server, traceId, found.spans.length))]
}

async function comparePayloads(server: Target, traceId: string, spans: number): Promise<string[]> {
  const exported = await exportTrace(server, traceId)
  const mixedUp = exported.filter(({ span }) => {
    const number = Number(BigInt(`0x${span.spanId}`) / 1000n)
    const at = Number(BigInt(`0x${span.spanId}`) % 1000n) - 1
    const content = span.attributes?.find(({ key }) => key === 'content')?.value.stringValue
    return !content?.startsWith(`${number}-${at} `)
  })
  const problems = mixedUp.length === 0 ? [] : [`${mixedUp.length} spans have the payload of another`]
  return exported.length === spans ? problems : [...problems, `${exported.length} of ${spans} exported`]
}

/** The files of a stopped server: the database's own check, and every record of the log. */
function checkFiles(dataDir: string, durable: string): string[] {
  const index = new DatabaseSync(join(dataDir, 'index.db'), { readOnly: true })
  const found = index.prepare('PRAGMA integrity_check').all()
  index.close()
  const problems = found.map((row) => String(row.integrity_check)).filter((text) => text !== 'ok')
  const reader = new LogReader(join(dataDir, 'log'), {
    onDamage: ({ segment, offset, reason }) => problems.push(`log ${segment}-${offset}: ${reason}`),
  })
  reader.read(0, parsePosition(durable) as number, () => {})
  reader.close()
  return problems
}

function tracesOf(load: Load): string[] {
  return [...new Set([...load.acknowledged, ...load.others].map(({ traceId }) => traceId))]
}
