import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAglError } from '../../errors.ts'
import { span, traceId } from '../conformance/rows.ts'
import { IndexUnusableError } from '../store-errors.ts'
import { openSqliteReader, openSqliteWriter } from './index.ts'
import { indexVersion } from './schema.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agl-store-'))
  path = join(folder, 'index.db')
})
afterEach(() => rm(folder, { recursive: true }))

async function fill(spans: number): Promise<void> {
  const writer = await openSqliteWriter(path)
  const changes = Array.from({ length: spans }, (_, at) =>
    span({ trace: at % 100, span: at, name: `n${at}` }),
  )
  await writer.write({ changes, position: 7 })
  await writer.close()
}

function setVersion(version: number): void {
  const db = new DatabaseSync(path)
  db.prepare('UPDATE meta SET version = ?').run(version)
  db.close()
}

const isUnusable = (reason: string) => (error: unknown) =>
  error instanceof IndexUnusableError && error.reason === reason && error.path === path

describe('the index file', () => {
  it('of a later version is refused and left as it is', async () => {
    await fill(1)
    setVersion(indexVersion + 1)
    const before = await readFile(path)
    const isNewer = (error: unknown): boolean => isAglError(error) && error.code === 'AGL_DATA_DIR_NEWER'
    await expect(openSqliteWriter(path)).rejects.toSatisfy(isNewer)
    await expect(openSqliteReader(path)).rejects.toSatisfy(isNewer)
    expect(await readFile(path)).toEqual(before)
  })

  it('of an earlier version has to be built again', async () => {
    await fill(1)
    setVersion(indexVersion - 1)
    await expect(openSqliteWriter(path)).rejects.toSatisfy(isUnusable('outdated'))
    await expect(openSqliteReader(path)).rejects.toSatisfy(isUnusable('outdated'))
  })

  it('that is no database has to be built again', async () => {
    await writeFile(path, 'not a database, but long enough to be taken for one by its size '.repeat(50))
    await expect(openSqliteWriter(path)).rejects.toSatisfy(isUnusable('corrupt'))
    await expect(openSqliteReader(path)).rejects.toSatisfy(isUnusable('corrupt'))
  })

  it('that is a database of something else has to be built again', async () => {
    const db = new DatabaseSync(path)
    db.exec('CREATE TABLE t (a)')
    db.close()
    await expect(openSqliteWriter(path)).rejects.toSatisfy(isUnusable('corrupt'))
  })

  it('that was cut off is found out by writing, reading or checking', async () => {
    await fill(20_000)
    await truncate(path, 64 * 1024)
    await expect(useEverything()).rejects.toSatisfy(isUnusable('corrupt'))
  })

  it('with overwritten pages is found out by the check', async () => {
    await fill(20_000)
    const file = await open(path, 'r+')
    // Behind the first page of every table, which opening looks at.
    for (let at = 80 * 16_384; at < (await stat(path)).size; at += 5 * 16_384)
      await file.write(Buffer.alloc(4_096, 0xee), 0, 4_096, at)
    await file.close()
    const writer = await openSqliteWriter(path)
    expect((await writer.check()).length).toBeGreaterThan(0)
    await writer.close()
  })

  it('that is empty is begun anew', async () => {
    await writeFile(path, '')
    const writer = await openSqliteWriter(path)
    expect(await writer.position()).toBe(0)
    await writer.close()
  })

  it('is opened for reading while no writer is there', async () => {
    await fill(5)
    expect(existsSync(`${path}-wal`)).toBe(false)
    const reader = await openSqliteReader(path)
    expect(await reader.trace(traceId(1))).toMatchObject({ spans: 1 })
    expect(await reader.position()).toBe(7)
    expect((await reader.stats()).bytes).toBeGreaterThan(0)
    await reader.close()
  })

  it('is not made by a reader', async () => {
    await expect(openSqliteReader(path)).rejects.toThrow()
    expect(existsSync(path)).toBe(false)
  })
})

async function useEverything(): Promise<void> {
  const writer = await openSqliteWriter(path)
  try {
    const reader = await openSqliteReader(path)
    try {
      for (let trace = 0; trace < 100; trace++) await reader.spans(traceId(trace), { limit: 10_000 })
      await writer.write({ changes: [span({ span: 1 })], position: 8 })
    } finally {
      await reader.close()
    }
  } finally {
    await writer.close()
  }
}
