// All checks of one kind together, in the order in which they are shown.
import { checkBothSides, checkTraces, checkVerdicts } from './checks/calls.ts'
import { checkGateway } from './checks/gateway.ts'
import { checkClients, checkRequests } from './checks/requests.ts'
import { checkDisk, checkIdentity, checkIndex, checkLog, checkLoop } from './checks/server.ts'
import type { ScopeFacts, ServerFacts } from './facts.ts'
import type { Finding } from './finding.ts'

/**
 * What can be said of a running server. `url` is where its reader reached it. Requests that went wrong before `sinceMs`, and
 * not since, may be mended and are notes.
 */
export function examineServer(server: ServerFacts, url: string, sinceMs: number): Finding[] {
  return [
    ...checkIdentity(server, url),
    ...checkDisk(server),
    ...checkLog(server),
    ...checkIndex(server),
    ...checkLoop(server),
    ...checkRequests(server, sinceMs),
    ...checkClients(server),
    ...checkGateway(server),
  ]
}

/** What can be said of the calls and traces of a scope. */
export function examineScope(scope: ScopeFacts): Finding[] {
  return [...checkVerdicts(scope), ...checkBothSides(scope), ...checkTraces(scope)]
}
