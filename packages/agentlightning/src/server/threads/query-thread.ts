// Entry of the query thread: interactive reads on a read-only connection. It also writes the JSON, so that
// large answers never hold up the main thread.
import { parentPort, workerData } from 'node:worker_threads'
import { type QuerySources, questions, toJson } from '../../api/queries.ts'
import { isAglError } from '../../errors.ts'
import { LogReader } from '../../log/reader.ts'
import { openSqliteReader } from '../../store/sqlite/index.ts'
import type { FromQueryThread, QueryThreadData, ToQueryThread } from './query-messages.ts'

const { logDir, indexPath, spanAttributes } = workerData as QueryThreadData
const port = parentPort
if (!port) throw new Error('This file runs as a worker thread.')

const log = new LogReader(logDir)
const sources: QuerySources = { store: await openSqliteReader(indexPath), log, spanAttributes }

port.on('message', async (message: ToQueryThread) => {
  if ('forget' in message) return log.forget(message.forget)
  const { id, ask, query } = message
  try {
    const answer = await (questions[ask] as (from: typeof sources, about: unknown) => Promise<unknown>)(
      sources,
      query,
    )
    // Bytes and lines are passed on as they are, and what is JSON already; everything else leaves as JSON.
    const raw =
      typeof answer === 'string' || ask === 'getObject' || ask === 'exportSpans' || ask === 'exportCalls'
    reply({ id, ok: true, answer: raw ? answer : toJson(answer) })
  } catch (error) {
    const known = isAglError(error)
    reply({
      id,
      ok: false,
      code: known ? error.code : 'AGL_INTERNAL',
      details: known ? error.details : {},
      text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
})

function reply(message: FromQueryThread): void {
  port?.postMessage(message)
}
