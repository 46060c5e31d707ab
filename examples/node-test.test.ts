// Runs the example of Node's test runner as its reader would.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the example for node:test passes', () => {
  const file = fileURLToPath(new URL('./node-test.mjs', import.meta.url))
  // Inside a test runner Node's own would believe to be a child of it.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  const run = spawnSync(process.execPath, ['--test', '--conditions=agl-source', file], {
    env,
    encoding: 'utf8',
  })
  expect(run.status, run.stdout + run.stderr).toBe(0)
  expect(run.stdout).toMatch(/pass 1/)
})
