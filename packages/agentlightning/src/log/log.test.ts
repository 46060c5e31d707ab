import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { openLog } from './log.ts'
import { nodeDisk } from './node-disk.ts'
import { LogReader } from './reader.ts'
import { offsetOf, Place, positionOf } from './record.ts'
import { MemoryDisk } from './testing/memory-disk.ts'
import { Ledger, noteHeader, readAll, withDirectory } from './testing/workload.ts'

const HOUR_NS = 3_600_000_000_000n

test('an empty directory gives an empty log that creates no file before the first record', async () => {
  const disk = new MemoryDisk()
  const log = await new Ledger().open(disk)
  expect(log.segments()).toEqual([])
  expect([log.firstSegment, log.bytes, log.durable]).toEqual([1, 0, positionOf(1, 0)])
  await log.close()
  expect(disk.contents().size).toBe(0)
})

test('a record is written and flushed before it is acknowledged, and so is the name of its file', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await ledger.append(log, 10)
  expect(disk.operations.map(({ kind }) => kind)).toEqual([
    'list',
    'create',
    'write',
    'flush',
    'flushDirectory',
    'write',
    'flush',
  ])
})

test('a hundred records that wait share one write and one flush', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk, { segmentBytes: 1e6, maxGroupBytes: 1e6 })
  await ledger.append(log, 10)
  const before = disk.operations.length
  await Promise.all(Array.from({ length: 100 }, () => ledger.append(log, 10)))
  expect(disk.operations.slice(before).map(({ kind }) => kind)).toEqual(['write', 'flush'])
})

test('while a group is flushed the next one gathers', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk, { segmentBytes: 1e6, maxGroupBytes: 1e6 })
  await ledger.append(log, 10)
  const before = disk.operations.length
  const first = ledger.append(log, 10)
  await Promise.resolve()
  await Promise.resolve()
  const later = Array.from({ length: 50 }, () => ledger.append(log, 10))
  await Promise.all([first, ...later])
  expect(disk.operations.slice(before).map(({ kind }) => kind)).toEqual(['write', 'flush', 'write', 'flush'])
})

test('a record that may linger is flushed with the next one that may not', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk, { lingerMs: 1e9 })
  await ledger.append(log, 10)
  const before = disk.operations.length
  const lingering = [10, 20].map((length) => ledger.append(log, length, { lingers: true }))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(disk.operations.length).toBe(before)
  await ledger.append(log, 30)
  await Promise.all(lingering)
  expect(disk.operations.slice(before).map(({ kind }) => kind)).toEqual(['write', 'flush'])
  // One that comes while a group is written does not press either.
  const pressing = ledger.append(log, 10)
  await Promise.resolve()
  await Promise.resolve()
  const late = ledger.append(log, 10, { lingers: true })
  await pressing
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(disk.operations.slice(before).filter(({ kind }) => kind === 'flush')).toHaveLength(2)
  await log.close()
  await late
  expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
})

test('a record that lingers alone is flushed when its time is over', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk, { lingerMs: 5 })
  await ledger.append(log, 10, { lingers: true })
  await ledger.append(log, 20, { lingers: true })
  expect(ledger.acknowledged.size).toBe(2)
  expect(disk.operations.filter(({ kind }) => kind === 'flush')).toHaveLength(3)
})

test('a record can refer to one of its own group, and to none that was not written', async () => {
  let broken = false
  const disk = new MemoryDisk(({ kind }) => (broken && kind === 'flush' ? 'EIO' : undefined))
  const log = await openLog({ disk, nowNs: () => 1n })
  const [place, lost] = [new Place(), new Place()]
  const first = log.append(noteHeader('first'), [Buffer.alloc(9)], { lingers: true, place })
  expect([place.isQueued, place.at]).toEqual([true, undefined])
  const second = log.append(noteHeader('second'), [Buffer.from('of the first')], { refersTo: place })
  await second
  broken = true
  const failed = log.append(noteHeader('failed'), [], { place: lost })
  await expect(failed).rejects.toMatchObject({ code: 'AGL_FLUSH_FAILED' })
  broken = false
  await log.append(noteHeader('third'), [], { refersTo: lost })
  const refs = new Map<string | undefined, number | undefined>()
  await withDirectory(async (directory) => {
    disk.dump(directory)
    const reader = new LogReader(directory, {})
    reader.read(positionOf(1, 0), log.durable, ({ header }) => {
      refs.set(header?.sessionId, header?.ref)
    })
    reader.close()
  })
  const { start } = await first
  expect(place.at).toBe(start)
  expect(refs.get('second')).toBe(start)
  expect(refs.has('third')).toBe(true)
  expect(refs.get('third')).toBeUndefined()
})

test('a group is no longer than its limit, unless one record is', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk, { segmentBytes: 1e6, maxGroupBytes: 500 })
  await Promise.all([150, 150, 150, 2000, 10].map((length) => ledger.append(log, length)))
  const flushes = disk.operations.filter(({ kind }) => kind === 'flush').length
  expect(flushes - 1).toBe(4)
})

test('positions are those of the records, in order and without gaps', async () => {
  const ledger = new Ledger()
  const ends: number[] = []
  const log = await ledger.open(new MemoryDisk(), { onDurable: (end) => ends.push(end) })
  const places = await Promise.all([1, 2, 3].map((n) => log.append(noteHeader(`x${n}`), [Buffer.alloc(n)])))
  expect(offsetOf(places[0]?.start ?? 0)).toBe(64)
  expect(places.map(({ start }) => start).slice(1)).toEqual(places.map(({ end }) => end).slice(0, 2))
  expect(log.durable).toBe(places[2]?.end)
  expect(ends).toEqual([log.durable])
})

test('a segment ends where the next record would pass its size, and no record spans two', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await Promise.all(Array.from({ length: 40 }, () => ledger.append(log, 200)))
  await ledger.append(log, 5000)
  await ledger.append(log, 1)
  const segments = log.segments()
  expect(segments.length).toBeGreaterThan(4)
  for (const { number, bytes } of segments) expect(bytes <= 2000 || number === segments.length - 1).toBe(true)
  expect(segments.map(({ number }) => number)).toEqual(segments.map((_, index) => index + 1))
  expect(segments.filter(({ sealed }) => !sealed)).toHaveLength(1)
  expect(log.bytes).toBe([...disk.contents().values()].reduce((sum, bytes) => sum + bytes.length, 0))
  expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
})

test('a segment is followed by a new one an hour after its first record, also across a restart', async () => {
  const disk = new MemoryDisk()
  let now = 1_700_000_000_000_000_000n
  const nowNs = (): bigint => now
  let log = await openLog({ disk, nowNs })
  await log.append({ kind: 'note', receivedNs: now }, [])
  now += HOUR_NS
  await log.append({ kind: 'note', receivedNs: now }, [])
  expect(log.segments()).toHaveLength(1)
  now += 1n
  await log.append({ kind: 'note', receivedNs: now }, [])
  expect(log.segments().map(({ createdNs }) => createdNs)).toEqual([now - HOUR_NS - 1n, now])
  await log.close()
  now += HOUR_NS
  log = await openLog({ disk, nowNs })
  await log.append({ kind: 'note', receivedNs: now }, [])
  expect(log.segments()).toHaveLength(2)
  await log.close()
  now += 1n
  log = await openLog({ disk, nowNs })
  expect(log.segments().every(({ sealed }) => sealed)).toBe(true)
  await log.append({ kind: 'note', receivedNs: now }, [])
  expect(log.segments()).toHaveLength(3)
})

test('a sealed segment can be dropped, the newest cannot, and one that is gone is no error', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await ledger.append(log, 10)
  await expect(log.dropSegment(1)).rejects.toMatchObject({ code: 'AGL_BAD_ARGUMENT' })
  await log.seal()
  await log.seal()
  expect(log.segments().map(({ number }) => number)).toEqual([1, 2])
  await ledger.drop(log, 1)
  await ledger.drop(log, 1)
  await log.dropSegment(77)
  expect([...disk.contents().keys()]).toEqual(['00000002.seg'])
  expect(disk.operations.slice(-2).map(({ kind }) => kind)).toEqual(['remove', 'flushDirectory'])
  expect(log.firstSegment).toBe(2)
  await ledger.append(log, 10)
  expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
})

test('the durable end is the same after a seal and after a restart', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await ledger.append(log, 10)
  const end = log.durable
  await log.seal()
  expect(log.durable).toBe(end)
  await log.close()
  const reopened = await ledger.open(disk.restarted())
  expect(reopened.durable).toBe(end)
  expect(reopened.segments().map(({ sealed }) => sealed)).toEqual([true, false])
})

test('closing flushes what waits, then refuses', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  const waiting = [1, 2, 3].map(() => ledger.append(log, 300))
  const closed = log.close()
  await expect(log.append(noteHeader('late'), [])).rejects.toMatchObject({ code: 'AGL_LOG_CLOSED' })
  await expect(log.seal()).rejects.toMatchObject({ code: 'AGL_LOG_CLOSED' })
  await closed
  await Promise.all(waiting)
  await log.close()
  expect(disk.operations.filter(({ kind }) => kind === 'close')).toHaveLength(1)
  expect(await ledger.problemsOnDisk(disk, log)).toEqual([])
})

test('a torn last record is cut wherever it was torn, and the log goes on behind the one before', async () => {
  await withDirectory(async (directory) => {
    const ledger = new Ledger()
    const disk = nodeDisk(directory)
    let log = await ledger.open(disk)
    await ledger.append(log, 30)
    const whole = log.durable
    await log.append(noteHeader('torn'), [Buffer.alloc(40, 1)])
    const length = offsetOf(log.durable)
    await log.close()
    const path = join(directory, '00000001.seg')
    const bytes = readFileSync(path)
    for (let cut = offsetOf(whole); cut < length; cut++) {
      for (const rest of [0, length - cut]) {
        writeFileSync(path, Buffer.concat([bytes.subarray(0, cut), Buffer.alloc(rest)]))
        log = await ledger.open(disk)
        expect(log.durable).toBe(whole)
        const cutBytes = cut + rest - offsetOf(whole)
        expect(log.recovery).toEqual(
          cutBytes === 0 ? undefined : { segment: 1, cutBytes, damagedAt: undefined },
        )
        expect(readFileSync(path).length).toBe(offsetOf(whole))
        expect((await log.append(noteHeader('next'), [])).start).toBe(whole)
        expect(readAll(directory, log.durable)).toMatchObject({
          found: [{ id: 'r0' }, { id: 'next' }],
          damage: [],
        })
        await log.close()
      }
    }
  })
})

test('a segment whose creation was cut off is removed', async () => {
  await withDirectory(async (directory) => {
    const ledger = new Ledger()
    const disk = nodeDisk(directory)
    let log = await ledger.open(disk)
    await ledger.append(log, 30)
    await log.close()
    for (const leftover of [Buffer.alloc(0), Buffer.alloc(17, 3), Buffer.alloc(64)]) {
      writeFileSync(join(directory, '00000002.seg'), leftover)
      log = await ledger.open(disk)
      expect(readdirSync(directory)).toEqual(['00000001.seg'])
      await ledger.append(log, 30)
      await log.close()
    }
    log = await ledger.open(disk)
    const { found, damage } = readAll(directory, log.durable)
    expect([ledger.problems(found), damage]).toEqual([[], []])
    await log.close()
  })
})

test('damage far from the end is not cut, since what follows it was acknowledged', async () => {
  await withDirectory(async (directory) => {
    const ledger = new Ledger()
    const disk = nodeDisk(directory)
    let log = await ledger.open(disk)
    for (let count = 0; count < 12; count++) await ledger.append(log, 80)
    await log.close()
    const path = join(directory, '00000001.seg')
    const bytes = readFileSync(path)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    writeFileSync(path, bytes)
    log = await ledger.open(disk)
    expect(log.recovery).toMatchObject({ segment: 1, cutBytes: 0, damagedAt: expect.any(Number) })
    expect(readFileSync(path)).toEqual(bytes)
    await ledger.append(log, 80)
    expect(log.segments().map(({ number }) => number)).toEqual([1, 2])
    const { found, damage } = readAll(directory, log.durable)
    expect(damage).toHaveLength(1)
    expect(found).toHaveLength(12)
    expect(found.every(({ id, payload }) => ledger.submitted.get(id)?.equals(payload))).toBe(true)
    await log.close()
  })
})

test('a last segment with a damaged header keeps its records', async () => {
  await withDirectory(async (directory) => {
    const ledger = new Ledger()
    const disk = nodeDisk(directory)
    let log = await ledger.open(disk)
    await ledger.append(log, 80)
    await log.close()
    const path = join(directory, '00000001.seg')
    const bytes = readFileSync(path)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(path, bytes)
    log = await ledger.open(disk)
    expect(log.recovery).toEqual({ segment: 1, cutBytes: 0, damagedAt: 0 })
    await ledger.append(log, 80)
    const { found, damage } = readAll(directory, log.durable)
    expect(ledger.problems(found)).toEqual([])
    expect(damage).toEqual([{ segment: 1, offset: 0, reason: 'broken segment header' }])
    await log.close()
  })
})

test('a newer format is refused and nothing is changed', async () => {
  await withDirectory(async (directory) => {
    const ledger = new Ledger()
    const log = await ledger.open(nodeDisk(directory))
    await ledger.append(log, 80)
    await log.close()
    const path = join(directory, '00000001.seg')
    const bytes = readFileSync(path)
    bytes.writeUInt32LE(2, 8)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
    writeFileSync(path, bytes)
    appendFileSync(path, 'torn')
    writeFileSync(join(directory, '00000002.seg'), '')
    await expect(ledger.open(nodeDisk(directory), { directory })).rejects.toMatchObject({
      code: 'AGL_DATA_DIR_NEWER',
      details: { dataDir: directory, found: 2, known: 1 },
    })
    expect(readFileSync(path)).toEqual(Buffer.concat([bytes, Buffer.from('torn')]))
    expect(existsSync(join(directory, '00000002.seg'))).toBe(true)
  })
})

test('opening reads the last segment only', async () => {
  const disk = new MemoryDisk()
  const ledger = new Ledger()
  const log = await ledger.open(disk)
  await Promise.all(Array.from({ length: 40 }, () => ledger.append(log, 200)))
  await log.close()
  const restarted = disk.restarted()
  const reopened = await ledger.open(restarted)
  const reads = restarted.operations.filter(({ kind }) => kind === 'read').map(({ name }) => name)
  const last = `0000000${reopened.segments().length}.seg`
  expect(reads.length).toBeGreaterThan(5)
  expect(reads.filter((name, index) => reads.indexOf(name) !== index).every((name) => name === last)).toBe(
    true,
  )
})

test('other files in the directory are left alone', async () => {
  await withDirectory(async (directory) => {
    writeFileSync(join(directory, 'note.txt'), 'mine')
    const ledger = new Ledger()
    const log = await ledger.open(nodeDisk(directory))
    await ledger.append(log, 10)
    await log.close()
    expect(readFileSync(join(directory, 'note.txt'), 'utf8')).toBe('mine')
    truncateSync(join(directory, 'note.txt'))
    expect((await ledger.open(nodeDisk(directory))).segments()).toHaveLength(1)
  })
})
