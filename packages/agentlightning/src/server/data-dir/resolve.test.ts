import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dataDirHash, resolveDataDir } from './resolve.ts'

const cwd = mkdtempSync(join(tmpdir(), 'agl-resolve-'))
const around = { cwd, home: '/home/ada', platform: 'linux' as NodeJS.Platform, env: {} }

afterAll(() => rmSync(cwd, { recursive: true }))

test('the flag wins over the variable, and both are taken from the current folder', () => {
  const env = { AGL_DATA_DIR: 'of-env' }
  expect(resolveDataDir('of-flag', { ...around, env })).toBe(join(cwd, 'of-flag'))
  expect(resolveDataDir(undefined, { ...around, env })).toBe(join(cwd, 'of-env'))
  expect(resolveDataDir('/absolute', around)).toBe('/absolute')
})

test('each platform has its own folder', () => {
  const of = (platform: NodeJS.Platform, env: Record<string, string> = {}): string =>
    resolveDataDir(undefined, { ...around, platform, env })
  expect(of('linux')).toBe('/home/ada/.local/share/agentlightning')
  expect(of('linux', { XDG_DATA_HOME: '/xdg' })).toBe('/xdg/agentlightning')
  expect(of('linux', { XDG_DATA_HOME: 'relative' })).toBe('/home/ada/.local/share/agentlightning')
  expect(of('darwin')).toBe('/home/ada/Library/Application Support/agentlightning')
  expect(of('win32', { LOCALAPPDATA: '/local' })).toBe('/local/agentlightning')
})

test('a folder .agl of the project is taken when it exists', () => {
  expect(resolveDataDir(undefined, around)).not.toBe(join(cwd, '.agl'))
  mkdirSync(join(cwd, '.agl'))
  expect(resolveDataDir(undefined, around)).toBe(join(cwd, '.agl'))
})

test('a directory has one hash, by whatever path it is reached', () => {
  const [real, link] = [join(cwd, 'real'), join(cwd, 'link')]
  mkdirSync(real)
  symlinkSync(real, link)
  expect(dataDirHash(link)).toBe(dataDirHash(real))
  expect(dataDirHash(real)).toMatch(/^[0-9a-f]{16}$/)
  expect(dataDirHash(cwd)).not.toBe(dataDirHash(real))
})
