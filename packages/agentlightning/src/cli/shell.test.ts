import { spawnSync } from 'node:child_process'
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

test('the shell in use is taken from the environment', () => {
  expect(currentShell({ SHELL: '/usr/bin/fish' })).toBe('fish')
  expect(currentShell({ SHELL: '/bin/zsh' })).toBe('sh')
})
