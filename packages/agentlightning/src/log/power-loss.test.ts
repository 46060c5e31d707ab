import { expect, test } from 'vitest'
import type { Log } from './log.ts'
import { MemoryDisk, PowerLoss, seededRandom } from './testing/memory-disk.ts'
import { Ledger } from './testing/workload.ts'

const STEPS = 28

/** Appends, seals, drops and restarts by chance; ends early when the power goes. */
async function work(disk: MemoryDisk, ledger: Ledger, seed: number, largest: number): Promise<void> {
  const random = seededRandom(seed)
  const length = (): number => (random() < 0.1 ? largest : Math.floor(random() * 300))
  let log: Log | undefined
  try {
    for (let step = 0; step < STEPS; step++) {
      log ??= await ledger.open(disk)
      const choice = random()
      if (choice < 0.5) await ledger.append(log, length())
      else if (choice < 0.8)
        await together(ledger, log, Array.from({ length: 1 + Math.floor(random() * 7) }, length))
      else if (choice < 0.86) await log.seal()
      else if (choice < 0.93) await ledger.drop(log, log.firstSegment).catch(ignoreRefusal)
      else {
        await log.close()
        log = undefined
      }
    }
    await log?.close()
  } catch (error) {
    if (!disk.lost) throw error
  }
}

async function together(ledger: Ledger, log: Log, lengths: number[]): Promise<void> {
  // Every other one may wait for the next.
  const appends = lengths.map((length, at) => ledger.append(log, length, { lingers: at % 2 === 0 }))
  const results = await Promise.allSettled(appends)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** The newest segment cannot be dropped. */
function ignoreRefusal(error: { code?: string }): void {
  if (error.code !== 'AGL_BAD_ARGUMENT') throw error
}

/** Opens what the power loss left, and everything that may be done with it afterwards. */
async function recoverAndGoOn(disk: MemoryDisk, ledger: Ledger, damageExpected: boolean): Promise<string[]> {
  const log = await ledger.open(disk)
  const problems = await ledger.problemsOnDisk(disk, log, damageExpected)
  await together(ledger, log, [10, 20, 30])
  await log.seal()
  await ledger.append(log, 40)
  await log.close()
  const last = disk.afterPowerLoss(seededRandom(1))
  const reopened = await ledger.open(last)
  problems.push(...(await ledger.problemsOnDisk(last, reopened, damageExpected)))
  await reopened.close()
  return problems
}

async function operationsOf(seed: number, largest: number): Promise<number> {
  const disk = new MemoryDisk()
  await work(disk, new Ledger(), seed, largest)
  return disk.operations.length
}

function losePowerAt(at: number) {
  return (_: unknown, index: number): 'power-loss' | undefined => (index === at ? 'power-loss' : undefined)
}

// Records longer than a group are the one case where an unfinished write can look like damage further back:
// the log then keeps what it would otherwise cut, and says so.
const schedules = [
  { seed: 1, largest: 500, damageExpected: false },
  { seed: 2, largest: 500, damageExpected: false },
  { seed: 3, largest: 600, damageExpected: false },
  { seed: 4, largest: 1500, damageExpected: true },
  { seed: 5, largest: 3000, damageExpected: true },
]

test.each(schedules)(
  'everything acknowledged survives a power loss at any operation (seed $seed)',
  async ({ seed, largest, damageExpected }) => {
    const operations = await operationsOf(seed, largest)
    expect(operations).toBeGreaterThan(100)
    const problems: string[] = []
    let acknowledged = 0
    for (let at = 0; at < operations; at++) {
      const disk = new MemoryDisk(losePowerAt(at))
      const ledger = new Ledger()
      await work(disk, ledger, seed, largest)
      expect(disk.lost).toBe(true)
      acknowledged += ledger.acknowledged.size
      const survivor = disk.afterPowerLoss(seededRandom(seed * 1_000_000 + at))
      const found = await recoverAndGoOn(survivor, ledger, damageExpected)
      problems.push(...found.map((problem) => `operation ${at}: ${problem}`))
    }
    expect(problems).toEqual([])
    expect(acknowledged).toBeGreaterThan(operations)
  },
)

test('a second power loss during recovery loses nothing either', async () => {
  const [seed, largest] = [6, 500]
  const operations = await operationsOf(seed, largest)
  const problems: string[] = []
  let interrupted = 0
  for (let at = 0; at < operations; at += 2) {
    const random = seededRandom(at)
    const disk = new MemoryDisk(losePowerAt(at))
    const ledger = new Ledger()
    await work(disk, ledger, seed, largest)
    for (let during = 0; during < 12; during++) {
      const second = disk.afterPowerLoss(random, losePowerAt(during))
      const opened = await ledger.open(second).catch((error) => error)
      if (opened instanceof PowerLoss) interrupted++
      const third = second.afterPowerLoss(random)
      const log = await ledger.open(third)
      problems.push(...(await ledger.problemsOnDisk(third, log)))
    }
  }
  expect(problems).toEqual([])
  expect(interrupted).toBeGreaterThan(operations)
})

test('what a new process acknowledges after a kill at any operation survives a later power loss', async () => {
  const [seed, largest] = [7, 500]
  const operations = await operationsOf(seed, largest)
  const problems: string[] = []
  for (let at = 0; at < operations; at++) {
    const killed = new MemoryDisk(losePowerAt(at))
    const ledger = new Ledger()
    await work(killed, ledger, seed, largest)
    for (let image = 0; image < 2; image++) {
      const disk = killed.restarted()
      const log = await ledger.open(disk)
      await together(ledger, log, [10, 20, 30])
      const after = disk.afterPowerLoss(seededRandom(at * 10 + image))
      problems.push(...(await ledger.problemsOnDisk(after, await ledger.open(after))))
    }
  }
  expect(problems).toEqual([])
})

test('the simulated disk does forget what was not flushed', async () => {
  const outcomes = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const disk = new MemoryDisk()
    const file = await disk.create('a')
    await file.write([Buffer.from('flushed ')], 0)
    await file.flush()
    await disk.flushDirectory()
    await file.write([Buffer.from('not flushed')], 8)
    await disk.create('b')
    const after = disk.afterPowerLoss(seededRandom(seed)).contents()
    expect(after.get('a')?.toString().startsWith('flushed ')).toBe(true)
    outcomes.add(`${after.get('a')} ${after.has('b')}`)
  }
  expect(outcomes).toContain('flushed  false')
  expect(outcomes).toContain('flushed not flushed true')
  expect(outcomes.size).toBeGreaterThan(10)
})
