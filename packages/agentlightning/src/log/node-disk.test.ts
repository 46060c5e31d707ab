import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk, skipBytes } from './node-disk.ts'
import { withDirectory } from './testing/workload.ts'

test('files and the directory are for this user alone', async () => {
  await withDirectory(async (parent) => {
    const directory = join(parent, 'data', 'log')
    const disk = nodeDisk(directory)
    const file = await disk.create('00000001.seg')
    await disk.flushDirectory()
    await file.close()
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(directory, '00000001.seg')).mode & 0o777).toBe(0o600)
  })
})

test('many parts are written at their place, read back, cut and listed', async () => {
  await withDirectory(async (directory) => {
    for (const flush of [true, false]) {
      const disk = nodeDisk(directory, { flush })
      const name = `file-${flush}`
      const parts = Array.from({ length: 5000 }, (_, index) => Buffer.alloc(index % 7, index))
      const all = Buffer.concat(parts)
      let file = await disk.create(name)
      await file.write([Buffer.from('head')], 0)
      await file.write(parts, 4)
      await file.flush()
      await file.close()
      expect((await disk.read(name, 4, all.length + 100)).equals(all)).toBe(true)
      expect((await disk.read(name, 2, 3)).toString('latin1', 0, 2)).toBe('ad')
      file = await disk.open(name)
      await file.truncate(10)
      await file.close()
      mkdirSync(join(directory, `folder-${flush}`))
      expect(await disk.list()).toContainEqual({ name, size: 10 })
      expect((await disk.list()).map((one) => one.name)).not.toContain(`folder-${flush}`)
      await disk.remove(name)
      await disk.flushDirectory()
      expect(await disk.list()).toEqual([])
      await expect(disk.remove(name)).rejects.toMatchObject({ code: 'ENOENT' })
    }
  })
})

test('a file that exists is not created over', async () => {
  await withDirectory(async (directory) => {
    const disk = nodeDisk(directory)
    const file = await disk.create('a')
    await expect(disk.create('a')).rejects.toMatchObject({ code: 'EEXIST' })
    await file.close()
  })
})

test('a short write is continued behind its last byte', () => {
  const parts = ['abc', '', 'de', 'fghi'].map((text) => Buffer.from(text))
  const whole = 'abcdefghi'
  for (let count = 0; count <= whole.length; count++) {
    const rest = skipBytes(parts, count)
    expect(Buffer.concat(rest).toString()).toBe(whole.slice(count))
    expect(rest[0]?.length ?? 1).toBeGreaterThan(0)
  }
})
