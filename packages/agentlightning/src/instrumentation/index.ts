// The package entry `agentlightning/instrumentation`: token ids of model calls onto their OpenTelemetry spans, inside
// of the program that makes the calls. Runs on the program's own Node (18 or later) and loads nothing of the server.
import { type Instrumentation, type InstrumentOptions, install, uninstall } from './hooks.ts'

export type { Instrumentation, InstrumentOptions }

/**
 * Puts the hooks in: from now on the token ids, the response id and the logprobs that a model server gives are written
 * on the span of the call, and servers are asked for them. Once however often it is called; never throws. Best called
 * before the first client is made; `node --import agentlightning/register` does it before everything.
 *
 * Environment: `AGL_HOOKS_REQUEST_FLAG=0` asks no server, `AGL_HOOKS_DEBUG=1` says what is done, `AGL_SERVER_URL` (or
 * `AGENTOPS_API_ENDPOINT`) is where the AgentOps SDK is turned to.
 */
export function instrumentAgentOps(options: InstrumentOptions = {}): Instrumentation {
  return install(options)
}

/** Takes everything back that `instrumentAgentOps` changed; false when the hooks were not in. */
export function uninstrumentAgentOps(): boolean {
  return uninstall()
}
