import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { defaultGatewaySettings } from '../../gateway/settings.ts'
import { defaultLimits, type ServerConfig } from '../config.ts'
import { openDataDir } from './data-dir.ts'
import { dataDirError } from './files.ts'
import { acquireLock, holdsLock, isLocked } from './lock.ts'
import { isMemoryDir, makeMemoryDir } from './resolve.ts'
import { readState, removeState, type ServerState, writeState } from './state-file.ts'

const made: string[] = []

afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true })
})

function freshDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'agl-data-dir-'))
  made.push(path)
  return path
}

const config: ServerConfig = {
  host: 'localhost',
  port: 0,
  portPolicy: 'exact',
  grpcPort: undefined,
  otlpPorts: false,
  dataDir: '/data',
  store: 'sqlite',
  logLevel: 'info',
  apiKey: undefined,
  requireKey: false,
  insecure: false,
  allowHosts: [],
  allowOrigins: [],
  maxDiskBytes: 1,
  limits: defaultLimits,
  gateway: defaultGatewaySettings,
}

const state: ServerState = {
  pid: 4711,
  port: 8002,
  host: 'localhost',
  url: 'http://localhost:8002',
  instanceId: 'one',
  version: '0.1.0',
  startedAt: '2026-01-01T00:00:00.000Z',
  secret: 's',
  dataDirHash: 'h',
  config,
}

test('a directory is made private, marked with its format, and can be opened again', async () => {
  const path = join(freshDir(), 'new')
  const first = await openDataDir(path)
  expect(first).toMatchObject({ path, logDir: join(path, 'log'), indexPath: join(path, 'index.db') })
  expect(statSync(path).mode & 0o777).toBe(0o700)
  expect(JSON.parse(readFileSync(join(path, 'format.json'), 'utf8'))).toEqual({ format: 1 })
  await first.close()
  await first.close()
  await (await openDataDir(path)).close()
})

test('a second server is refused, and told who is there', async () => {
  const path = freshDir()
  const first = await openDataDir(path)
  writeState(path, state)
  await expect(openDataDir(path)).rejects.toMatchObject({
    code: 'AGL_DATA_DIR_IN_USE',
    message: expect.stringContaining('(http://localhost:8002, pid 4711)'),
  })
  await first.close()
  await (await openDataDir(path)).close()
})

test('the lock holds between processes and goes with its process, also by kill -9', async () => {
  const path = freshDir()
  const program = `
    const { acquireLock } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url))})
    acquireLock(${JSON.stringify(path)})
    console.log('held')
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  expect(isLocked(path)).toBe(true)
  expect(acquireLock(path)).toBeUndefined()
  expect(holdsLock(holder.pid as number, path)).toBe(true)
  expect(holdsLock(process.pid, path)).toBe(false)
  holder.kill('SIGKILL')
  await new Promise((resolve) => holder.once('exit', resolve))
  expect(isLocked(path)).toBe(false)
  const release = acquireLock(path)
  expect(release).toBeTypeOf('function')
  release?.()
})

test('looking at a lock does not take it from who tries for it', () => {
  const path = freshDir()
  acquireLock(path)?.()
  for (let turn = 0; turn < 50; turn++) {
    expect(isLocked(path)).toBe(false)
    const release = acquireLock(path)
    expect(isLocked(path)).toBe(true)
    release?.()
  }
})

test.each(['{"format":2}', '{"format":"1"}', 'null', 'not JSON', ''])(
  'a format file with %j is one of a newer version, and nothing is changed',
  async (content) => {
    const path = freshDir()
    writeFileSync(join(path, 'format.json'), content)
    await expect(openDataDir(path)).rejects.toMatchObject({ code: 'AGL_DATA_DIR_NEWER' })
    expect(readdirSync(path)).toEqual(['format.json'])
  },
)

test('a path that leads through a file, or to one, is refused with the reason', async () => {
  const file = join(freshDir(), 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below')]) {
    await expect(openDataDir(path)).rejects.toMatchObject({
      code: 'AGL_DATA_DIR_READ_ONLY',
      details: { dataDir: path, reason: expect.stringContaining('file') },
    })
  }
})

test('a folder in which none can be made is refused and not tried for ever', async () => {
  for (const path of ['/proc/agl', '/proc/agl/data'])
    await expect(openDataDir(path)).rejects.toMatchObject({
      code: 'AGL_DATA_DIR_READ_ONLY',
      message: expect.stringContaining('a part of its path is missing and cannot be made'),
    })
})

test('a full disk is told apart from a read-only one', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
  expect(dataDirError('/data', full)).toMatchObject({ code: 'AGL_DATA_DIR_FULL' })
  const readOnly = Object.assign(new Error('open'), { code: 'EROFS' })
  expect(dataDirError('/data', readOnly).message).toContain('the file system is read-only')
})

test('a secret is made once, private, and survives', async () => {
  const path = freshDir()
  const first = await openDataDir(path)
  const secret = await first.secret('token')
  expect(secret).toHaveLength(32)
  expect(await first.secret('token')).toEqual(secret)
  expect(await first.secret('other')).not.toEqual(secret)
  await first.close()
  expect(statSync(join(path, 'secrets', 'token')).mode & 0o777).toBe(0o600)
  const second = await openDataDir(path)
  expect(await second.secret('token')).toEqual(secret)
  await second.close()
})

test('a memory server gets a directory of its own that is removed, whatever path was named', async () => {
  const named = freshDir()
  const memory = await openDataDir(named, { memory: true })
  expect(memory.path).not.toBe(named)
  expect(isMemoryDir(memory.path)).toBe(true)
  await memory.close()
  expect(existsSync(memory.path)).toBe(false)
  expect(readdirSync(named)).toEqual([])
})

test('what a killed memory server left is removed by the next one, and living ones are not', async () => {
  const [dead, alive] = [makeMemoryDir(), makeMemoryDir()]
  acquireLock(dead)?.()
  const living = await openDataDir(alive, { memory: true })
  const longAgo = new Date(Date.now() - 3_600_000)
  for (const path of [dead, alive]) utimesSync(path, longAgo, longAgo)
  await (await openDataDir('unused', { memory: true })).close()
  expect(existsSync(dead)).toBe(false)
  expect(existsSync(alive)).toBe(true)
  await living.close()
})

test('the state file is private, read back whole, and removed only by its own server', () => {
  const path = freshDir()
  expect(readState(path)).toBeUndefined()
  writeState(path, state)
  expect(statSync(join(path, 'server.json')).mode & 0o777).toBe(0o600)
  expect(readState(path)).toMatchObject({ ...state, config: { dataDir: '/data' } })
  removeState(path, 'another')
  expect(readState(path)).toBeDefined()
  removeState(path, 'one')
  expect(readdirSync(path)).toEqual([])
})

test('a state file that is none is no state', () => {
  const path = freshDir()
  for (const content of ['', '{', 'null', '[]', '{"pid":1}', '{"pid":"x","port":1,"config":{}}']) {
    writeFileSync(join(path, 'server.json'), content)
    expect(readState(path), content).toBeUndefined()
  }
})
