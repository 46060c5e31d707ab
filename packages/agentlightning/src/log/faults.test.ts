import { expect, test } from 'vitest'
import type { AglError } from '../errors.ts'
import { type Fault, MemoryDisk, type Operation, seededRandom } from './testing/memory-disk.ts'
import { Ledger } from './testing/workload.ts'

/** Fails the `nth` operation of a kind on segment files, counted from 0. */
function failing(kind: Operation['kind'], nth: number, fault: Fault) {
  let seen = 0
  return (operation: Operation): Fault | undefined =>
    operation.kind === kind && seen++ === nth ? fault : undefined
}

test.each([
  ['write', 'ENOSPC', 'AGL_DISK_FULL'],
  ['write', 'EIO', 'AGL_FLUSH_FAILED'],
  ['flush', 'EIO', 'AGL_FLUSH_FAILED'],
  ['flush', 'ENOSPC', 'AGL_DISK_FULL'],
] as const)('a %s that fails with %s rejects with %s and begins a new segment', async (kind, fault, code) => {
  // Operation 0 is the header of the segment, 1 the first record, 2 the second.
  const disk = new MemoryDisk(failing(kind, 2, fault))
  const ledger = new Ledger()
  const faults: AglError[] = []
  const log = await ledger.open(disk, { onFault: (error) => faults.push(error) })
  await ledger.append(log, 50)
  const before = log.durable
  await expect(ledger.append(log, 50)).rejects.toMatchObject({ code })
  expect(log.durable).toBe(before)
  await ledger.append(log, 50)
  expect(faults.map((error) => error.code)).toEqual([code])
  expect(log.segments().map(({ number, sealed }) => ({ number, sealed }))).toEqual([
    { number: 1, sealed: true },
    { number: 2, sealed: false },
  ])
  expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
  const names = disk.operations.map((operation) => `${operation.kind} ${operation.name}`)
  const failedAt = names.lastIndexOf(`${kind} 00000001.seg`)
  expect(names.slice(failedAt + 1)).not.toContain('flush 00000001.seg')
  await log.close()
})

test('all that waited in the failed group is rejected, what came later is written', async () => {
  const disk = new MemoryDisk(failing('flush', 1, 'EIO'))
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  const first = [1, 2, 3].map(() => ledger.append(log, 20))
  const outcomes = await Promise.allSettled(first)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await ledger.append(log, 20)
  expect(ledger.acknowledged.size).toBe(1)
  expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
})

test('nothing acknowledged is lost whichever operation fails, also after a power loss', async () => {
  const problems: string[] = []
  let rejected = 0
  for (const fault of ['EIO', 'ENOSPC'] as const) {
    for (let at = 0; at < 70; at++) {
      const disk = new MemoryDisk((_, index) => (index === at ? fault : undefined))
      const ledger = new Ledger()
      const log = await ledger.open(disk).catch(() => ledger.open(disk))
      const random = seededRandom(at)
      for (let round = 0; round < 12; round++) {
        const lengths = [100, 250, Math.floor(random() * 300)]
        const outcomes = await Promise.allSettled(lengths.map((length) => ledger.append(log, length)))
        rejected += outcomes.filter(({ status }) => status === 'rejected').length
        if (round % 5 === 4) await log.seal().catch(() => {})
      }
      problems.push(...(await ledger.problemsOnDisk(disk, log)))
      const after = disk.afterPowerLoss(random)
      problems.push(...(await ledger.problemsOnDisk(after, await ledger.open(after))))
    }
  }
  expect(problems).toEqual([])
  expect(rejected).toBeGreaterThan(100)
})

test('a process that dies between a failed flush and its cleanup leaves nothing that later records depend on', async () => {
  const problems: string[] = []
  for (let seed = 0; seed < 60; seed++) {
    const disk = new MemoryDisk((operation) => {
      if (operation.kind === 'truncate') return 'EIO'
      return operation.kind === 'flush' && ledger.acknowledged.size === 2 ? 'EIO' : undefined
    })
    const ledger = new Ledger()
    const log = await ledger.open(disk)
    await ledger.append(log, 100)
    await ledger.append(log, 100)
    await ledger.append(log, 300).catch(() => {})
    // The next process sees the unflushed record, whole, and appends behind it.
    const restarted = disk.restarted()
    const second = await ledger.open(restarted)
    await ledger.append(second, 100)
    await ledger.append(second, 100)
    const after = restarted.afterPowerLoss(seededRandom(seed))
    problems.push(...(await ledger.problemsOnDisk(after, await ledger.open(after))))
  }
  expect(problems).toEqual([])
})

test('a failed flush whose file cannot be cut does not show its unacknowledged records', async () => {
  const disk = new MemoryDisk((operation) => {
    if (operation.kind === 'truncate') return 'EIO'
    return operation.kind === 'flush' && ledger.acknowledged.size === 1 ? fail() : undefined
  })
  let failed = false
  const fail = (): Fault | undefined => {
    if (failed) return undefined
    failed = true
    return 'EIO'
  }
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await ledger.append(log, 100)
  await expect(ledger.append(log, 100)).rejects.toMatchObject({ code: 'AGL_FLUSH_FAILED' })
  ledger.submitted.delete('r1')
  await ledger.append(log, 100)
  expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
})

test.each([
  ['the header of a segment', true],
  ['the records', false],
])(
  'a disk that stays full for %s gathers no files and takes up again when there is space',
  async (_, headers) => {
    let full = false
    let creating = false
    const disk = new MemoryDisk(({ kind }) => {
      const refused = full && kind === 'write' && creating === headers
      creating = kind === 'create'
      return refused ? 'ENOSPC' : undefined
    })
    const ledger = new Ledger()
    const log = await ledger.open(disk)
    await ledger.append(log, 100)
    full = true
    for (let attempt = 0; attempt < 50; attempt++) {
      await expect(ledger.append(log, 1900)).rejects.toMatchObject({ code: 'AGL_DISK_FULL' })
    }
    expect([...disk.contents().keys()]).toEqual(['00000001.seg'])
    full = false
    await ledger.append(log, 1900)
    expect([...disk.contents().keys()]).toEqual(['00000001.seg', '00000002.seg'])
    expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
  },
)

test('a full disk that is pruned to nothing still does not use a number twice', async () => {
  let full = false
  const disk = new MemoryDisk(({ kind }) => (full && kind === 'write' ? 'ENOSPC' : undefined))
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await ledger.append(log, 100)
  await log.seal()
  await ledger.drop(log, 1)
  full = true
  await expect(ledger.append(log, 100)).rejects.toMatchObject({ code: 'AGL_DISK_FULL' })
  await expect(ledger.append(log, 100)).rejects.toMatchObject({ code: 'AGL_DISK_FULL' })
  await log.close()
  full = false
  const reopened = await ledger.open(disk)
  await ledger.append(reopened, 100)
  expect(reopened.firstSegment).toBeGreaterThan(1)
  expect(await ledger.problemsOnDisk(disk, reopened)).toEqual([])
})

test('a log whose last segment cannot be flushed at the start is readable and goes on in a new one', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await ledger.append(log, 100)
  await log.close()
  const faults: string[] = []
  const broken = disk.restarted(failing('flush', 0, 'EIO'))
  const reopened = await ledger.open(broken, { onFault: (error) => faults.push(error.code) })
  expect(faults).toEqual(['AGL_FLUSH_FAILED'])
  expect(await ledger.problemsOnDisk(broken, reopened)).toEqual([])
  await ledger.append(reopened, 100)
  expect(reopened.segments().map(({ number }) => number)).toEqual([1, 2])
  expect(await ledger.problemsOnDisk(broken, reopened)).toEqual([])
})
