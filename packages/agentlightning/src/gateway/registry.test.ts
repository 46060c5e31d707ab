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

it('a run that ended with its address served is no run any more, and is served, after a restart too', () => {
  const path = tempDir()
  const first = new Registry(path, secret, fail)
  first.addRun({ run: 'left', upstream: { openai: 'http://h:1/v1' } })
  expect(first.endRun('left', true)).toBe(true)
  const second = new Registry(path, secret, fail)
  for (const registry of [first, second]) {
    expect(registry.runs).toEqual([])
    expect(registry.run('left')?.upstream).toEqual({ openai: 'http://h:1/v1' })
  }
  second.addRun({ run: 'left', upstream: {} })
  expect(second.runs.map(({ run }) => run)).toEqual(['left'])
  expect([second.endRun('left'), second.run('left')]).toEqual([true, undefined])
})

it('of the runs that ended, the newest are served', () => {
  const path = tempDir()
  const at = '2026-01-01T00:00:00.000Z'
  const names = Array.from({ length: 202 }, (_, index) => `r${index}`)
  const runs = names.map((run) => ({
    run,
    upstream: {},
    startedAt: at,
    ...(run === 'r3' ? {} : { endedAt: at }),
  }))
  writeFileSync(join(path, 'gateway.json'), JSON.stringify({ runs }))
  const registry = new Registry(path, secret, fail)
  registry.addRun({ run: 'last', upstream: {} })
  registry.endRun('last', true)
  expect([...names, 'last'].filter((run) => registry.run(run) === undefined)).toEqual(['r0', 'r1'])
  expect(registry.runs.map(({ run }) => run)).toEqual(['r3'])
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
