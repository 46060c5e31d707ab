// `agl agentops env`
import { AglError } from '../errors.ts'
import { clientEnv } from '../manager/client-env.ts'
import { say } from './output.ts'
import { hooksEnv, locateHooks } from './run/hooks.ts'
import { runningServerOf } from './server-of.ts'
import type { RawFlags } from './settings.ts'
import { currentShell, renderEnv, type Shell, shells } from './shell.ts'

/** Prints the settings of a client of the running server; with `hooks`, also those that load our hooks. */
export async function env(
  flags: RawFlags & { readonly shell?: string; readonly hooks?: boolean },
): Promise<number> {
  const shell = flags.shell === undefined ? currentShell(process.env) : shellOf(flags.shell)
  const state = await runningServerOf(flags)
  const vars = clientEnv(state)
  const base = vars.OTEL_EXPORTER_OTLP_ENDPOINT ?? state.url
  const hooks = flags.hooks ? hooksEnv(locateHooks(), base, process.env) : {}
  say(renderEnv({ ...vars, ...hooks }, shell))
  return 0
}

function shellOf(name: string): Shell {
  const shell = shells.find((known) => known === name)
  if (shell) return shell
  throw new AglError('AGL_BAD_ARGUMENT', {
    what: `\`--shell ${name}\` is not understood.`,
    todo: `Give one of ${shells.join(', ')}.`,
  })
}
