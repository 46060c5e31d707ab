import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { DiskRoom, freeBytes, isCramped } from './disk-room.ts'

const MEBIBYTE = 2 ** 20

test('records may take what is free but for the last 4 MB', () => {
  const room = new DiskRoom(tmpdir(), () => 0)
  expect(isCramped(tmpdir())).toBe(false)
  room.take(freeBytes(tmpdir()) - 64 * MEBIBYTE, 0)
  expect(() => room.take(freeBytes(tmpdir()), 0)).toThrow(expect.objectContaining({ code: 'AGL_DISK_FULL' }))
  room.take(1, 0)
})

test('what was taken counts until the disk is asked again', () => {
  let now = 0
  const room = new DiskRoom(tmpdir(), () => now)
  const most = freeBytes(tmpdir()) - 64 * MEBIBYTE
  room.take(most, 0)
  now = 200
  room.take(MEBIBYTE, 0)
  now = 500
  room.take(most, 0)
})

test('what the index has yet to follow needs room as well', () => {
  const room = new DiskRoom(tmpdir(), () => 0)
  expect(() => room.take(1, freeBytes(tmpdir()))).toThrow(expect.objectContaining({ code: 'AGL_DISK_FULL' }))
  room.take(1, 0)
})
