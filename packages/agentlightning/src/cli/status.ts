// `agl agentops status`
import { existsSync } from 'node:fs'
import { ask, keyHeaders } from '../manager/ask.ts'
import { serverLogPath } from '../manager/child-server.ts'
import type { ServerState } from '../server/data-dir/state-file.ts'
import { otherPorts } from './banner.ts'
import { describe } from './describe.ts'
import { say } from './output.ts'
import { dataDirOf, findServerOf } from './server-of.ts'
import type { RawFlags } from './settings.ts'

/** Exit status when no server runs, as that of system services. */
const notRunning = 3

/** Tells whether a server runs: 0 it does, 3 none does, 1 one holds the directory but does not answer. */
export async function status(flags: RawFlags & { readonly json?: boolean }): Promise<number> {
  const dataDir = dataDirOf(flags)
  const found = await findServerOf(flags, 2_000)
  const print = (value: Record<string, unknown>, text: string): void =>
    say(flags.json ? JSON.stringify(value, null, 2) : text)
  if (found.kind === 'none') {
    print(
      { running: false, dataDir },
      `No server is running on ${dataDir}.\nStart one: agl agentops --daemon`,
    )
    return notRunning
  }
  if (found.kind === 'silent') {
    const pid = found.state?.pid ?? null
    const who = pid === null ? 'A process' : `A server (pid ${pid} by its own account)`
    print(
      { running: true, answers: false, dataDir, pid },
      `${who} holds ${dataDir} but does not answer.\nEnd it: agl agentops stop`,
    )
    return 1
  }
  const { state, uptimeSeconds } = found
  const details = await detailsOf(state)
  const facts = {
    version: state.version,
    startedAt: state.startedAt,
    uptimeSeconds,
    dataDir: state.config.dataDir,
    logFile: existsSync(serverLogPath(dataDir)) ? serverLogPath(dataDir) : undefined,
  }
  print(
    {
      running: true,
      answers: true,
      url: state.url,
      pid: state.pid,
      port: state.port,
      host: state.host,
      ports: state.ports ?? null,
      ...facts,
      details: details ?? null,
    },
    [
      `running at ${state.url} (pid ${state.pid})`,
      ...otherPorts(state.ports),
      describe({ ...facts, ...news(details, facts) }),
    ].join('\n'),
  )
  return 0
}

async function detailsOf(state: ServerState): Promise<Record<string, unknown> | undefined> {
  try {
    const headers = keyHeaders(state.config.apiKey)
    // It starts the thread that counts, which a loaded machine takes its time for.
    const reply = await ask(`${state.url}/api/v1/status`, { headers, timeoutMs: 10_000 })
    const value: unknown = reply.status === 200 ? JSON.parse(reply.body) : undefined
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** What `/health` says for programs, and people need not read again. */
const identity = ['status', 'message', 'product', 'instanceId', 'dataDirHash', 'pid', 'ports']

/** The details that do not only repeat a fact. */
function news(details: Record<string, unknown> | undefined, facts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details ?? {}).filter(([name]) => !(name in facts) && !identity.includes(name)),
  )
}
