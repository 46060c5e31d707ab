// `agl agentops env`
import { AglError } from '../errors.ts'
import { clientEnv } from '../manager/client-env.ts'
import { say } from './output.ts'
import { runningServerOf } from './server-of.ts'
import type { RawFlags } from './settings.ts'
import { currentShell, renderEnv, type Shell, shells } from './shell.ts'

/** Prints the settings of a client of the running server. */
export async function env(flags: RawFlags & { readonly shell?: string }): Promise<number> {
  const shell = flags.shell === undefined ? currentShell(process.env) : shellOf(flags.shell)
  const state = await runningServerOf(flags)
  say(renderEnv(clientEnv(state), shell))
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
