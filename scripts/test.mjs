// `npm test`: the quick suite. `AGL_SUITE=all` adds the files named `*.all.test.ts` and turns «NOT RUN» into a
// failure. Ends with the line `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, setUp, workspaceNode } from './set-up.mjs'

setUp()
const all = process.env.AGL_SUITE === 'all'
const node = workspaceNode()
const report = join(root, '.cache', 'test-report.json')
mkdirSync(join(root, '.cache'), { recursive: true })
rmSync(report, { force: true })

// Tests of the published package, of start-up and of the command line run what users run: the bundle.
console.error('Building the package …')
const build = spawnSync(node, [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] })
if (build.status !== 0) finish(0, 1)

console.error(all ? 'Running every suite …' : 'Running the quick suite (AGL_SUITE=all runs every one) …')
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const args = [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]
const env = { ...process.env, AGL_DIST: '1' }
const run = spawnSync(node, [vitest, ...args], { cwd: root, stdio: 'inherit', env })

let passed = 0
let failed = 0
try {
  const result = JSON.parse(readFileSync(report, 'utf8'))
  passed = result.numPassedTests
  // A file that could not be loaded has no tests to count, and yet it failed.
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  failed = result.numFailedTests + broken.length
  // What arguments of the caller leave out is known to the caller.
  if (process.argv.length === 2) sayNotRun(result.testResults)
} catch {
  failed = 1
}
if (run.status !== 0 && failed === 0) failed = 1
finish(passed, failed)

function sayNotRun(files) {
  for (const { name, assertionResults: tests } of files) {
    const left = tests.filter(({ status }) => status !== 'passed' && status !== 'failed').length
    if (left > 0) console.log(`NOT RUN: ${left} of ${tests.length} tests in ${relative(root, name)}`)
  }
}

function finish(passedTests, failedTests) {
  console.log(`${passedTests} passed, ${failedTests} failed`)
  process.exit(failedTests > 0 || passedTests === 0 ? 1 : 0)
}
