// The cost of a session that its end is answered with: the SDKs print it.
import type { SessionStats } from '../../api/legacy-queries.ts'
import type { Position } from '../../log/record.ts'
import type { ServerContext } from '../../server/context.ts'

/** A program that ends its session waits for this answer. */
const PATIENCE_MS = 1000

/** USD in decimal of a session up to `end`; `0.00` when nothing is known, since null ends 0.1 and 0.2 in an error. */
export async function tokenCost(context: ServerContext, sessionId: string, end: Position): Promise<string> {
  await context.index.waitFor(end, PATIENCE_MS)
  return (await sessionStats(context, sessionId))?.cost ?? '0.00'
}

/** The sums of a session as far as the index is; null when it is not known. */
export async function sessionStats(context: ServerContext, sessionId: string): Promise<SessionStats | null> {
  return JSON.parse(await context.query.ask('getSessionStats', { sessionId })) as SessionStats | null
}
