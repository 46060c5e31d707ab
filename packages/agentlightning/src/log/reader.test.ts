import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { type Log, openLog } from './log.ts'
import { nodeDisk } from './node-disk.ts'
import { LogReader, type ReadRecord } from './reader.ts'
import { offsetOf, positionOf, segmentOf } from './record.ts'
import { Ledger, noteHeader, readAll, withDirectory } from './testing/workload.ts'

const START = positionOf(1, 0)

async function withLog(
  body: (log: Log, directory: string, ledger: Ledger) => Promise<void>,
  options = {},
): Promise<void> {
  await withDirectory(async (directory) => {
    const ledger = new Ledger()
    const log = await ledger.open(nodeDisk(directory), options)
    await body(log, directory, ledger)
    await log.close()
  })
}

async function fill(log: Log, ledger: Ledger, count: number, length = 200): Promise<void> {
  for (let done = 0; done < count; done++) await ledger.append(log, length)
}

test('a record is read with its header, its place and its payload', async () => {
  await withLog(async (log, directory) => {
    const header = { ...noteHeader('a'), project: 'p', ref: positionOf(3, 4) }
    const place = await log.append(header, [Buffer.from('pay'), Buffer.from('load')])
    const reader = new LogReader(directory)
    const seen: ReadRecord[] = []
    reader.read(START, log.durable, (record) => {
      seen.push({ ...record, payload: Buffer.from(record.payload) })
    })
    expect(seen).toEqual([
      {
        ...place,
        header,
        kindNumber: 42,
        segment: 1,
        payloadOffset: offsetOf(place.end) - 7,
        payload: Buffer.from('payload'),
      },
    ])
    expect(reader.slice(1, offsetOf(place.end) - 4, 4).toString()).toBe('load')
    reader.close()
  })
})

test('reading goes on from where it stopped, by the visitor or by bytes', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 30)
    const reader = new LogReader(directory)
    for (const [stop, maxBytes] of [
      [true, Number.POSITIVE_INFINITY],
      [false, 1],
    ] as const) {
      const ids: (string | undefined)[] = []
      let position = START
      for (let round = 0; position < log.durable; round++) {
        expect(ids).toHaveLength(round)
        position = reader.read(
          position,
          log.durable,
          ({ header }) => {
            ids.push(header?.sessionId)
            return !stop
          },
          maxBytes,
        )
      }
      expect(ids).toEqual([...ledger.acknowledged.keys()])
      expect(position).toBe(log.durable)
    }
    reader.close()
  })
})

test('nothing at or behind the end is visited', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 3)
    const [first, second] = [...ledger.acknowledged.values()]
    expect(readAll(directory, second ?? 0).found.map(({ start }) => start)).toEqual([first])
    const reader = new LogReader(directory)
    expect(reader.read(log.durable, log.durable, () => expect.unreachable())).toBe(log.durable)
    reader.close()
  })
})

test('dropped segments are passed over, at the beginning and in the middle', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 40)
    for (const number of [1, 3, 4]) await ledger.drop(log, number)
    const { found, damage } = readAll(directory, log.durable)
    expect(damage).toEqual([])
    expect(ledger.problems(found)).toEqual([])
    expect(new Set(found.map(({ start }) => segmentOf(start)))).not.toContain(3)
    const reader = new LogReader(directory)
    const next = reader.read(positionOf(3, 500), log.durable, () => false)
    expect(segmentOf(next)).toBe(5)
    reader.close()
  })
})

test('a removed segment is AGL_PRUNED even when it is still open, and a wrong address is an error', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 20)
    const reader = new LogReader(directory)
    expect(reader.slice(1, 64, 10)).toHaveLength(10)
    await log.dropSegment(1)
    expect(() => reader.slice(1, 64, 10)).toThrow(expect.objectContaining({ code: 'AGL_PRUNED' }))
    expect(() => reader.slice(99, 64, 10)).toThrow(expect.objectContaining({ code: 'AGL_PRUNED' }))
    expect(() => reader.slice(2, 1900, 500)).toThrow(expect.objectContaining({ code: 'AGL_NOT_FOUND' }))
    reader.close()
  })
})

test('many segments are read with few open files', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 100)
    expect(log.segments().length).toBeGreaterThan(12)
    const before = lowestFreeFd(directory)
    const reader = new LogReader(directory)
    for (let round = 0; round < 2; round++) {
      for (const [id, start] of ledger.acknowledged) {
        const payload = ledger.submitted.get(id)
        reader.read(start, log.durable, ({ segment, payloadOffset, payload: { length } }) => {
          expect(reader.slice(segment, payloadOffset, length)).toEqual(payload)
          return false
        })
      }
    }
    expect(lowestFreeFd(directory) - before).toBeLessThanOrEqual(8)
    reader.forget(5)
    reader.close()
    expect(lowestFreeFd(directory)).toBe(before)
  })
})

/** Systems give the lowest free number, so this tells how many files are open. */
function lowestFreeFd(directory: string): number {
  const fd = openSync(join(directory, '00000001.seg'), 'r')
  closeSync(fd)
  return fd
}

test('records longer than the window are read, at the beginning, in the middle and at the end', async () => {
  await withLog(
    async (log, directory, ledger) => {
      for (const length of [6_000_000, 10, 4_194_304, 9_000_000, 10, 4_194_200, 5_000_000]) {
        await ledger.append(log, length)
      }
      const { found, damage } = readAll(directory, log.durable)
      expect(damage).toEqual([])
      expect(ledger.problems(found)).toEqual([])
    },
    { segmentBytes: 2 ** 30, maxGroupBytes: 2 ** 23 },
  )
})

/** Flips one bit of a segment's file. */
function flip(directory: string, segment: number, offset: number): void {
  const path = join(directory, `0000000${segment}.seg`)
  const bytes = readFileSync(path)
  bytes[offset] = (bytes[offset] ?? 0) ^ 4
  writeFileSync(path, bytes)
}

test('damage is reported with its place, and every undamaged record is read whatever byte is hit', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 12, 100)
    await log.seal()
    await fill(log, ledger, 2, 100)
    const size = log.segments()[0]?.bytes ?? 0
    const inFirst = [...ledger.acknowledged.values()].filter((start) => segmentOf(start) === 1)
    expect(inFirst.length).toBeGreaterThan(8)
    for (let offset = 64; offset < size; offset += 7) {
      const hit = inFirst.filter((start) => offsetOf(start) <= offset).length - 1
      flip(directory, 1, offset)
      const { found, damage } = readAll(directory, log.durable)
      flip(directory, 1, offset)
      expect(damage[0]).toMatchObject({ segment: 1, offset: offsetOf(inFirst[hit] ?? 0) })
      const ids = found.map(({ id }) => id)
      expect(ids).not.toContain(`r${hit}`)
      const inLength = offset - offsetOf(inFirst[hit] ?? 0) >= 4 && offset - offsetOf(inFirst[hit] ?? 0) < 8
      // A wrong length hides what follows in this segment, never in the next.
      if (!inLength) expect(ids).toHaveLength(ledger.acknowledged.size - 1)
      expect(ids).toEqual(expect.arrayContaining(['r12', 'r13']))
      for (const { id, payload } of found) expect(ledger.submitted.get(id)).toEqual(payload)
    }
  })
})

test('a sealed segment that lost its end is reported, and reading goes on with the next', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 5)
    await log.seal()
    await fill(log, ledger, 1)
    const size = log.segments()[0]?.bytes ?? 0
    truncateSync(join(directory, '00000001.seg'), size - 1)
    const { found, damage } = readAll(directory, log.durable)
    expect(found.map(({ id }) => id)).toEqual(['r0', 'r1', 'r2', 'r3', 'r5'])
    expect(damage).toEqual([{ segment: 1, offset: expect.any(Number), reason: 'cut off inside a record' }])
  })
})

test('a segment that is no segment at all is reported and passed over', async () => {
  await withLog(async (log, directory, ledger) => {
    await fill(log, ledger, 30)
    writeFileSync(join(directory, '00000002.seg'), Buffer.alloc(3000, 'junk'))
    const { found, damage } = readAll(directory, log.durable)
    expect(damage.map(({ segment, offset }) => [segment, offset])).toEqual([
      [2, 0],
      [2, 64],
    ])
    expect(new Set(found.map(({ start }) => segmentOf(start)))).toEqual(new Set([1, 3, 4]))
  })
})

test('a file that was given up between two segments holds nothing', async () => {
  await withDirectory(async (directory) => {
    const ledger = new Ledger()
    const disk = nodeDisk(directory)
    let refuse = true
    // The header is written, then the disk is full and does not even remove the file.
    const log = await ledger.open({
      ...disk,
      remove: async () => {
        throw Object.assign(new Error('refused'), { code: 'EIO' })
      },
      async create(name) {
        const file = await disk.create(name)
        if (name !== '00000002.seg') return file
        return {
          ...file,
          async write(parts, offset) {
            await file.write(parts, offset)
            if (refuse && offset > 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
          },
        }
      },
    })
    await fill(log, ledger, 3)
    await log.seal()
    await expect(ledger.append(log, 100)).rejects.toMatchObject({ code: 'AGL_DISK_FULL' })
    refuse = false
    ledger.submitted.delete('r3')
    await fill(log, ledger, 3)
    expect(segmentOf(log.durable)).toBe(3)
    const { found, damage } = readAll(directory, log.durable)
    expect([ledger.problems(found), damage]).toEqual([[], []])
    await log.close()
  })
})

test('a thread reads every record once while others are appended', async () => {
  await withDirectory(async (directory) => {
    const source = `
      import { parentPort, workerData } from 'node:worker_threads'
      const { LogReader } = await import(workerData.reader)
      const reader = new LogReader(workerData.directory, { onDamage: (d) => parentPort.postMessage({ damage: d }) })
      let position = workerData.from
      const ids = []
      parentPort.on('message', ({ upTo, last }) => {
        while (position < upTo) position = reader.read(position, upTo, (r) => { ids.push(r.header.sessionId) }, 20000)
        if (last) { parentPort.postMessage({ ids }); reader.close(); parentPort.close() }
      })`
    const reader = new URL('./reader.ts', import.meta.url).href
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      workerData: { directory, reader, from: START },
    })
    const answer = new Promise<unknown>((resolve, reject) =>
      worker.once('message', resolve).once('error', reject),
    )
    const ledger = new Ledger()
    const log = await openLog({
      disk: nodeDisk(directory),
      nowNs: () => BigInt(Date.now()) * 1_000_000n,
      segmentBytes: 100_000,
      onDurable: (upTo) => worker.postMessage({ upTo }),
    })
    for (let round = 0; round < 60; round++) {
      await Promise.all(Array.from({ length: 20 }, () => ledger.append(log, 1000)))
    }
    worker.postMessage({ upTo: log.durable, last: true })
    expect(await answer).toEqual({ ids: [...ledger.acknowledged.keys()] })
    expect(log.segments().length).toBeGreaterThan(10)
    await log.close()
    await worker.terminate()
  })
})
