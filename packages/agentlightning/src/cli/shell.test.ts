import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { currentShell, quoteIfNeeded, renderEnv } from './shell.ts'

const hostile = `it's $HOME "and" \\ \`id\` ; éß`

test('a POSIX shell reads back every value as it was', () => {
  const script = `${renderEnv({ A: hostile, B: 'http://localhost:1/v1' }, 'sh')}\nprintf '%s|%s' "$A" "$B"`
  expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe(
    `${hostile}|http://localhost:1/v1`,
  )
  const word = `printf %s ${quoteIfNeeded(hostile, 'sh')}`
  expect(spawnSync('sh', ['-c', word], { encoding: 'utf8' }).stdout).toBe(hostile)
})

test('fish, PowerShell and JSON have their own quoting', () => {
  expect(renderEnv({ A: `it's \\` }, 'fish')).toBe(`set -gx A 'it\\'s \\\\'`)
  expect(renderEnv({ A: `it's`, B: 'x' }, 'powershell')).toBe(`$env:A = 'it''s'\n$env:B = 'x'`)
  expect(JSON.parse(renderEnv({ A: hostile }, 'json'))).toEqual({ A: hostile })
})

test('an env file is read back as it was', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'agl-env-')), 'agl.env')
  const vars = {
    AGL_A: '--import file:///x/y.js',
    AGL_B: '/opt/a b:/c',
    AGL_C: 'http://localhost:1/k/a%2Fb/v1',
  }
  writeFileSync(file, renderEnv(vars, 'env-file'))
  const program = 'console.log(JSON.stringify([process.env.AGL_A, process.env.AGL_B, process.env.AGL_C]))'
  const read = spawnSync(process.execPath, [`--env-file=${file}`, '-e', program], { encoding: 'utf8' })
  rmSync(dirname(file), { recursive: true })
  expect(JSON.parse(read.stdout)).toEqual(Object.values(vars))
})

test('the shell in use is taken from the environment', () => {
  expect(currentShell({ SHELL: '/usr/bin/fish' })).toBe('fish')
  expect(currentShell({ SHELL: '/bin/zsh' })).toBe('sh')
})
