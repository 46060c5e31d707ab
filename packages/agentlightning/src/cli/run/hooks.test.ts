import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { hooksEnv, locateHooks } from './hooks.ts'

const files = { python: '/opt/my hooks/site', node: 'file:///opt/my%20hooks/register.js' }
const url = 'http://localhost:8002'

test('the hooks of this installation are found', () => {
  const { python, node } = locateHooks()
  expect(existsSync(join(python as string, 'sitecustomize.py'))).toBe(true)
  expect(existsSync(new URL(node as string))).toBe(true)
})

test('without anything there, the variables hold the hooks alone', () => {
  expect(hooksEnv(files, url, { PYTHONPATH: '', NODE_OPTIONS: ' ' })).toEqual({
    AGL_SERVER_URL: url,
    AGL_HOOKS: '1',
    PYTHONPATH: '/opt/my hooks/site',
    NODE_OPTIONS: '--import file:///opt/my%20hooks/register.js',
  })
})

test('what is there is kept, and a second time changes nothing', () => {
  const first = hooksEnv(files, url, { PYTHONPATH: `a${delimiter}b`, NODE_OPTIONS: '--no-warnings' })
  expect(first.PYTHONPATH).toBe(['/opt/my hooks/site', 'a', 'b'].join(delimiter))
  expect(first.NODE_OPTIONS).toBe('--no-warnings --import file:///opt/my%20hooks/register.js')
  expect(hooksEnv(files, url, first)).toEqual(first)
})

test('an installation without hooks sets neither path', () => {
  expect(Object.keys(hooksEnv({ python: undefined, node: undefined }, url, {}))).toEqual([
    'AGL_SERVER_URL',
    'AGL_HOOKS',
  ])
})
