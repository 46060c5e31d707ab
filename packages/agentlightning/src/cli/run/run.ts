// `agl run -- COMMAND`
import { randomUUID } from 'node:crypto'
import { AglError } from '../../errors.ts'
import type { GatewaySettings } from '../../gateway/settings.ts'
import { clientEnv } from '../../manager/client-env.ts'
import type { ServerState } from '../../server/data-dir/state-file.ts'
import { note } from '../output.ts'
import { quoteIfNeeded } from '../shell.ts'
import { type ChildEnd, runChild } from './child.ts'
import { runEnvironment } from './environment.ts'
import { hooksEnv, locateHooks } from './hooks.ts'
import { summaryJson, summaryLine } from './render-summary.ts'
import { endRun, ensureServer, type RunIdentity, registerRun } from './server.ts'
import { flagAgainstHooks } from './unhooked.ts'
import { planUpstreams } from './upstreams.ts'

/** How long the summary may keep a user waiting. Milliseconds. */
const PATIENCE_MS = 2_000
/** How long a program that reads the summary, and wants it whole. Milliseconds. */
const JSON_PATIENCE_MS = 15_000

/** Flags as the command line gives them. */
export interface RunFlags {
  readonly rollout?: string
  readonly attempt?: string
  readonly tag?: readonly string[]
  readonly upstream?: readonly string[]
  readonly gateway: boolean
  readonly hooks: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly dataDir?: string
  readonly port?: string
}

/** Runs a program to its end and resolves to the exit status for this process. Rejects when it cannot begin. */
export async function run(command: readonly string[], flags: RunFlags): Promise<number> {
  const tell = (line: string): void => {
    if (!flags.quiet) note(`agl run: ${line}`)
  }
  const identity = identityOf(flags, process.env)
  const plan = planOf(flags)
  const { state, started } = await ensureServer(flags)
  const where = flags.dataDir === undefined ? '' : ` --data-dir ${quoteIfNeeded(flags.dataDir, 'sh')}`
  if (started)
    tell(`a server was started in the background: ${state.url} (agl agentops stop${where} ends it)`)
  const gateway = plan?.(state)
  const base = clientEnv(state).OTEL_EXPORTER_OTLP_ENDPOINT ?? state.url
  // An outer run or the shell may load them already.
  const hooks = flags.hooks ? hooksEnv(locateHooks(), base, process.env) : { AGL_HOOKS: '0' }
  const server = { ...state, dataDir: state.config.dataDir }
  const { vars, notes } = runEnvironment(server, identity, process.env, {
    ...(gateway ? { gateway } : {}),
    hooks,
  })
  for (const line of [...notes, ...commandNotes(command, flags)]) tell(line)
  if (gateway) await registerRun(state, identity, gateway.upstreams)
  const startedMs = Date.now()
  let end: ChildEnd
  try {
    end = await runChild(command, { ...process.env, ...vars })
  } catch (error) {
    if (gateway) await endRun(state, identity.run)
    throw error
  }
  // Whatever becomes of the summary, the status is the program's.
  await finish(state, identity, flags, end, startedMs, gateway !== undefined).catch((error: unknown) => {
    note(`agl run: no summary: ${error instanceof Error ? error.message : String(error)}`)
  })
  // A shell goes on with its loop or its script unless the interrupt ends us as it ended the program.
  if (end.signal === 'SIGINT' && process.platform !== 'win32') process.kill(process.pid, 'SIGINT')
  return end.status
}

async function finish(
  state: ServerState,
  identity: RunIdentity,
  flags: RunFlags,
  end: ChildEnd,
  startedMs: number,
  registered: boolean,
): Promise<void> {
  const seconds = (Date.now() - startedMs) / 1000
  // The program has ended: who presses Ctrl-C now does not want to wait for figures.
  const impatience = new AbortController()
  const stop = (): void => impatience.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  const ending = registered ? endRun(state, identity.run) : undefined
  if (!flags.quiet || flags.json) {
    // It brings all of the reading with it: loaded only now.
    const { gather } = await import('./summary.ts')
    const patienceMs = flags.json ? JSON_PATIENCE_MS : PATIENCE_MS
    const recorded = await gather(state, identity.run, startedMs, patienceMs, impatience.signal)
    const summary = { identity, url: state.url, end, seconds, recorded }
    // On a line of its own even where the program left one unfinished.
    if (flags.json) note(`\n${JSON.stringify(summaryJson(summary))}`)
    else if (!impatience.signal.aborted) note(`agl run: ${summaryLine(summary)}`)
  }
  await ending
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop)
}

/** What of a command line does not come through as its user may think. */
function commandNotes(command: readonly string[], { hooks, gateway }: RunFlags): string[] {
  const flag = hooks ? flagAgainstHooks(command) : undefined
  const alone = gateway ? 'the gateway alone records its calls' : 'nothing gives token ids'
  return [
    ...(flag === undefined ? [] : [`Python ${flag} loads no hooks: ${alone}.`]),
    ...(command.some((word) => word.includes('\uFFFD'))
      ? ['an argument is not UTF-8: the program gets U+FFFD in place of its bytes.']
      : []),
  ]
}

/** Flags are checked before anything is started. */
function planOf(flags: RunFlags): ((state: ServerState) => ReturnType<typeof planUpstreams>) | undefined {
  const { gateway, upstream = [] } = flags
  if (!gateway) {
    if (upstream.length > 0) throw badFlag('--upstream', 'It means nothing with --no-gateway.')
    return undefined
  }
  const nobody = { url: 'http://localhost', hasUpstreams: false }
  planUpstreams(upstream, {}, nobody)
  return ({ url, config }) => {
    // A server of a version before the gateway does not tell; it refuses the run a moment later.
    const { upstreams = [], upstreamsFile }: Partial<GatewaySettings> = config.gateway ?? {}
    const hasUpstreams = upstreams.length > 0 || upstreamsFile !== undefined
    return planUpstreams(upstream, process.env, { url, hasUpstreams })
  }
}

function identityOf(flags: RunFlags, env: NodeJS.ProcessEnv): RunIdentity {
  const run = randomUUID()
  const rollout = flags.rollout ?? (env.AGL_ROLLOUT_ID || undefined)
  const attempt = flags.attempt ?? (env.AGL_ATTEMPT_ID || undefined)
  for (const [name, value] of [
    ['--rollout', rollout],
    ['--attempt', attempt],
  ] as const) {
    if (value !== undefined && !/^.{1,256}$/.test(value))
      throw badFlag(name, 'Give 1 to 256 characters without a line break.')
  }
  const tags = flags.tag ?? []
  // AgentOps takes its tags as one list with commas.
  if (!tags.every((tag) => /^[^,\r\n]{1,200}$/.test(tag)))
    throw badFlag('--tag', 'Give 1 to 200 characters without a comma and a line break.')
  return { run, rollout: rollout ?? run, attempt, tags }
}

function badFlag(name: string, todo: string): AglError {
  return new AglError('AGL_BAD_ARGUMENT', { what: `\`${name}\` is not understood.`, todo })
}
