// Runs `agl doctor --json` and gives what it found.
import { expect } from 'vitest'
import type { Examination } from '../../packages/agentlightning/src/cli/doctor/examine.ts'
import type { Finding } from '../../packages/agentlightning/src/doctor/finding.ts'
import { type AglOptions, runAgl, tempDir } from '../support/agl.ts'

/** The variables that this machine may have and the doctor looks at, taken away. */
const bare: Record<string, undefined> = Object.fromEntries(
  [
    ...['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
    ...['no_proxy', 'NO_PROXY', 'OPENAI_BASE_URL', 'ANTHROPIC_BASE_URL', 'VIRTUAL_ENV', 'PYTHONPATH'],
    ...['AGENTOPS_API_ENDPOINT', 'AGENTOPS_EXPORTER_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ].map((name) => [name, undefined]),
)

/** What the command found. */
export interface Examined extends Examination {
  readonly ok: boolean
  readonly exit: number
  /** The finding of a code; fails where there is none. */
  one(code: string): Finding
  readonly codes: readonly string[]
}

/** Examines in a shell that has nothing set but what is given, in an empty folder. */
export async function examine(args: readonly string[], options: AglOptions = {}): Promise<Examined> {
  const env = { ...bare, ...options.env }
  const { stdout, stderr, code } = await runAgl(['doctor', '--json', ...args], {
    cwd: tempDir(),
    ...options,
    env,
  })
  expect(stderr).toBe('')
  const found = JSON.parse(stdout) as Examination & { ok: boolean }
  const codes = found.findings.map((one) => one.code)
  return {
    ...found,
    exit: code ?? -1,
    codes,
    one(wanted) {
      const finding = found.findings.find((one) => one.code === wanted)
      if (!finding) throw new Error(`${wanted} was not found among ${codes.join(', ')}`)
      return finding
    },
  }
}
