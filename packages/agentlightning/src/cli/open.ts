// `agl agentops open`
import { openUrl } from './open-url.ts'
import { say } from './output.ts'
import { runningServerOf } from './server-of.ts'
import type { RawFlags } from './settings.ts'

/** Opens the running server in the browser. */
export async function open(flags: RawFlags): Promise<number> {
  const { url } = await runningServerOf(flags)
  say(url)
  await openUrl(url)
  return 0
}
