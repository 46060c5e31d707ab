// `agl agentops stop`
import { stopGraceMs, stopServer } from '../manager/stop-server.ts'
import { note, say } from './output.ts'
import { dataDirOf } from './server-of.ts'
import type { RawFlags } from './settings.ts'

/** Stops the server of a data directory. 0 when none runs any more, 1 when one could not be stopped. */
export async function stop(flags: RawFlags): Promise<number> {
  const dataDir = dataDirOf(flags)
  const outcome = await stopServer(dataDir)
  switch (outcome.kind) {
    case 'not-running':
      say(`No server is running on ${dataDir}.`)
      return 0
    case 'stopped':
      say(`stopped ${outcome.state.url} (pid ${outcome.state.pid})`)
      return 0
    case 'killed':
      say(
        `stopped ${outcome.state.url} (pid ${outcome.state.pid}): it did not end within ${stopGraceMs / 1000} s and had to be killed`,
      )
      return 0
    case 'stuck':
      note(
        `A process holds ${dataDir} and does not answer. Find it with \`lsof ${dataDir}/lock.db\` and end it.`,
      )
      return 1
  }
}
