import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { hooksEnv, loadsHooks, locateHooks } from './hooks.ts'

const files = { python: '/opt/my hooks/site', node: '/opt/hooks/preload.cjs' }
const url = 'http://localhost:8002'

test('the hooks of this installation are found', () => {
  const { python, node } = locateHooks()
  expect(existsSync(join(python as string, 'sitecustomize.py'))).toBe(true)
  expect(existsSync(node as string)).toBe(true)
})

test('without anything there, the variables hold the hooks alone', () => {
  expect(hooksEnv(files, url, { PYTHONPATH: '', NODE_OPTIONS: ' ' })).toEqual({
    AGL_SERVER_URL: url,
    AGL_HOOKS: '1',
    PYTHONPATH: '/opt/my hooks/site',
    NODE_OPTIONS: '--require /opt/hooks/preload.cjs',
  })
})

test('what is there is kept, and a second time changes nothing', () => {
  const first = hooksEnv(files, url, { PYTHONPATH: `a${delimiter}b`, NODE_OPTIONS: '--no-warnings' })
  expect(first.PYTHONPATH).toBe(['/opt/my hooks/site', 'a', 'b'].join(delimiter))
  expect(first.NODE_OPTIONS).toBe('--no-warnings --require /opt/hooks/preload.cjs')
  expect(hooksEnv(files, url, first)).toEqual(first)
})

test('a path that would need quotes is written as a URL, and known again', () => {
  const spaced = { ...files, node: '/opt/my hooks/preload.cjs' }
  const { NODE_OPTIONS = '' } = hooksEnv(spaced, url, { NODE_OPTIONS: '--require "/a b/own.cjs"' })
  expect(NODE_OPTIONS).toBe('--require "/a b/own.cjs" --import file:///opt/my%20hooks/preload.cjs')
  expect(hooksEnv(spaced, url, { NODE_OPTIONS }).NODE_OPTIONS).toBe(NODE_OPTIONS)
  expect([loadsHooks(spaced.node, NODE_OPTIONS), loadsHooks(files.node, NODE_OPTIONS)]).toEqual([true, false])
})

test('an installation without hooks sets neither path', () => {
  expect(Object.keys(hooksEnv({ python: undefined, node: undefined }, url, {}))).toEqual([
    'AGL_SERVER_URL',
    'AGL_HOOKS',
  ])
})
