// Programs that have no hooks, by the user's word or by their own command line, and what is said of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aglBin, startServer, type TestServer } from '../support/agl.ts'
import { agl, programFolder } from './support.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const show = {
  'agent.py': 'import sys\nprint("agentlightning_hooks" in sys.modules)\n',
  'agent.mjs': "console.log(Symbol.for('agentlightning.hooks') in globalThis)\n",
}

test('--no-hooks keeps out those of an outer run, too', async () => {
  const both = `python3 agent.py; "${process.execPath}" agent.mjs`
  const script = `${both}; "${process.execPath}" "$AGL" run --quiet --no-hooks -- sh -c "$BOTH"`
  const args = ['--quiet', '--data-dir', server.dataDir, '--', 'sh', '-c', script]
  const ended = await agl(args, { cwd: programFolder(show), env: { AGL: aglBin, BOTH: both } })
  expect(ended.stdout, ended.stderr).toBe('True\ntrue\nFalse\nfalse\n')
})

test('a flag by which Python loads none is named', async () => {
  const cwd = programFolder(show)
  const run = (...args: string[]) => agl(['--data-dir', server.dataDir, ...args], { cwd })
  const isolated = await run('--', 'python3', '-I', 'agent.py')
  expect(isolated.stdout).toBe('False\n')
  expect(isolated.stderr).toContain(
    'agl run: Python -I loads no hooks: the gateway alone records its calls.\n',
  )
  const alone = await run('--no-gateway', '--', 'python3', '-I', 'agent.py')
  expect(alone.stderr).toContain('agl run: Python -I loads no hooks: nothing gives token ids.\n')
  for (const args of [
    ['--no-hooks', '--', 'python3', '-I', 'agent.py'],
    ['--', 'python3', 'agent.py', '-I'],
  ])
    expect((await run(...args)).stderr).not.toContain('loads no hooks')
})

test('a program for Azure gets no OPENAI_BASE_URL, which its clients refuse, and it is said', async () => {
  const command = ['sh', '-c', `echo "$\{OPENAI_BASE_URL-unset} $\{OPENAI_API_BASE-unset}"`]
  const env = { AZURE_OPENAI_ENDPOINT: 'https://mine.openai.azure.com', OPENAI_API_BASE: undefined }
  const ended = await agl(['--data-dir', server.dataDir, '--', ...command], { env })
  expect(ended.stdout).toBe('unset unset\n')
  expect(ended.stderr).toContain('OPENAI_BASE_URL is left unset, since AZURE_OPENAI_ENDPOINT is set')
})
