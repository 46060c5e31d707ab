// What must hold however slow the machine is: nothing refused, nobody dead, every acknowledged span there.
import type { Context } from '../bench.ts'
import type { LoadResult } from '../load/load.ts'
import { aglStatus } from '../subjects/agl.ts'

/** Fails the run when a request was refused or not answered. */
export function checkAnswers(
  context: Context,
  name: string,
  { refused, unanswered, problem }: LoadResult,
): void {
  const statuses = Object.entries(refused).map(([status, count]) => `${count} with ${status}`)
  if (statuses.length > 0) context.fail(`${name} refused requests: ${statuses.join(', ')}`)
  if (unanswered > 0) context.fail(`${name} left ${unanswered} request(s) unanswered: ${problem}`)
}

/** Fails the run unless our index holds what was acknowledged; requests without an answer may be there or not. */
export async function checkSpans(
  context: Context,
  port: number,
  loads: readonly LoadResult[],
  spansPerBody: number,
): Promise<void> {
  const { spans, duplicates, setAside } = await aglStatus(port)
  const acknowledged = loads.reduce((sum, load) => sum + load.spans, 0)
  const open = loads.reduce((sum, load) => sum + load.unanswered, 0) * spansPerBody
  if (spans < acknowledged || spans > acknowledged + open)
    context.fail(`${acknowledged} spans were acknowledged and ${spans} are in the index`)
  if (duplicates > 0) context.fail(`${duplicates} spans were taken for duplicates`)
  if (setAside > 0) context.fail(`${setAside} records were set aside`)
}
