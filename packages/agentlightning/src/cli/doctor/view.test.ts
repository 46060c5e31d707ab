import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { type Finding, finding } from '../../doctor/finding.ts'
import { renderDoctor } from './view.ts'

const findings: readonly Finding[] = [
  finding('disk.ok', 'disk', { free: '5 GB', used: '1 GB', cap: '10 GB' }),
  finding('server.not_running', 'server', { dataDir: '/data' }),
  finding('env.unset', 'environment'),
  finding('traces.no_llm_spans', 'traces', { count: 2 }, { examples: ['a'.repeat(32), 'b'.repeat(32)] }),
  finding(
    'requests.refused',
    'AGL_X',
    { error: 'AGL_X', count: 1, example: 'x.', fix: 'y' },
    { examples: ['x'], lastMs: 60_000 },
  ),
]

test('what is wrong comes first, the worst before all, then the rest by section, each with what to do', () => {
  expect(renderDoctor({ findings }, { width: 90, color: false }, 300_000)).toMatchInlineSnapshot(`
    "What is wrong
      ✗ No server is running on /data.
        → Start one: agl agentops --daemon
        server.not_running
      ! Requests refused with AGL_X: 1. The newest: x.
        → y
        requests.refused, newest 4 m ago

    Server
      ✓ 5 GB are free on the disk; recordings take 1 GB of 10 GB.

    This shell
      i This shell has none of the variables that send an SDK to this server.
        → If the program is not told otherwise: eval "$(agl agentops env)", or start it with
        \`agl run\`.
        env.unset

    Calls and traces
      i Traces with spans but without an LLM span: 2.
        → If they call models: import the framework before agentops.init(), set
        AGENTOPS_INSTRUMENT_LLM_CALLS=true, or use the gateway.
        traces.no_llm_spans, e.g. aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

    1 error and 1 warning.
    Each code is explained in docs/doctor.md."
  `)
})

test('nothing is wider than the terminal but words that are to be copied, in colour or not', () => {
  const plain = renderDoctor({ findings }, { width: 60, color: false })
  const coloured = renderDoctor({ findings }, { width: 60, color: true })
  expect(stripVTControlCharacters(coloured)).toBe(plain)
  expect(coloured).not.toBe(plain)
  for (const line of plain.split('\n')) {
    const isCode = /^ {4}[a-z_]+\.[a-z_]+/.test(line)
    if (!isCode) expect(line.length).toBeLessThanOrEqual(60)
  }
})

test('a good outcome is one line at the end', () => {
  const text = renderDoctor({ findings: findings.slice(0, 1) }, { width: 90, color: false })
  expect(text.split('\n').at(-1)).toBe('Nothing is wrong.')
})

test('a command stays on one line, however long', () => {
  const commands = [
    'eval "$(agl agentops env --data-dir /a/b)"',
    'agl agentops --daemon --data-dir /tmp/of/mine',
  ]
  const [env, start] = commands as [string, string]
  const long = [
    finding('env.unset', 'environment', {}, { todo: `If nothing is told otherwise: ${env}, or else.` }),
    finding('server.not_running', 'server', { dataDir: '/data' }, { todo: `You may start one: ${start}` }),
  ]
  const lines = renderDoctor({ findings: long }, { width: 50, color: false }).split('\n')
  for (const command of commands) expect(lines.filter((line) => line.includes(command))).toHaveLength(1)
})
