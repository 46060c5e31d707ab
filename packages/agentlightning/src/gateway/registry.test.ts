import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { Registry } from './registry.ts'

const directories: string[] = []
afterEach(() => {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true })
})

function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'agl-registry-'))
  directories.push(path)
  return path
}

const secret = Buffer.alloc(32, 7)
const fail = (error: unknown): never => {
  throw error
}

it('runs and the pause are there after a restart', () => {
  const path = tempDir()
  const first = new Registry(path, secret, fail)
  const { run } = first.addRun({ upstream: { openai: 'http://h:1/v1' }, tags: ['t'] })
  first.addRun({ run: 'named', upstream: {} })
  first.pause({ retryAfterSeconds: 3, reason: 'why' })
  const second = new Registry(path, secret, fail)
  expect(second.run(run)).toMatchObject({ upstream: { openai: 'http://h:1/v1' }, tags: ['t'] })
  expect(second.paused).toEqual({ retryAfterSeconds: 3, reason: 'why' })
  expect([second.endRun('named'), second.endRun('named')]).toEqual([true, false])
  second.pause(undefined)
  const third = new Registry(path, secret, fail)
  expect([third.paused, third.runs.map((each) => each.run)]).toEqual([undefined, [run]])
})

it('a key stands for its rollout, here only and unchanged only', () => {
  const registry = new Registry(tempDir(), secret, fail)
  const key = registry.keyOf('rollout «1»', 'a.b')
  expect(registry.ownerOfKey(key)).toEqual({ rollout: 'rollout «1»', attempt: 'a.b' })
  expect(registry.ownerOfKey(registry.keyOf('r', undefined))).toEqual({ rollout: 'r' })
  const other = new Registry(tempDir(), Buffer.alloc(32, 8), fail)
  expect(other.ownerOfKey(key)).toBeUndefined()
  for (const wrong of [
    `${key}x`,
    `${key}.x`,
    key.slice(0, -1),
    'agl-',
    'agl-.',
    'sk-1',
    key.replace('agl-', 'agl-x'),
  ])
    expect(registry.ownerOfKey(wrong)).toBeUndefined()
})

it('a damaged file is told and counts as none', () => {
  const path = tempDir()
  writeFileSync(join(path, 'gateway.json'), '{"runs":')
  const told: unknown[] = []
  expect(new Registry(path, secret, (error) => told.push(error)).runs).toEqual([])
  expect(told.length).toBe(1)
})
