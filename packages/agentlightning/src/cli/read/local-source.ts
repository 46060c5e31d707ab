// Reads the data directory of a server that does not run, without changing it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { callExportQuery, callListQuery } from '../../api/calls/call-schemas.ts'
import { doctorQuery } from '../../api/doctor/schemas.ts'
import { type QuerySources, questions, toJson } from '../../api/queries.ts'
import { listQuery, parseParameters, traceParameters } from '../../api/schemas.ts'
import { logQuery, pointQuery, seriesQuery, traceLogQuery } from '../../api/signal-schemas.ts'
import { AglError } from '../../errors.ts'
import { LogReader } from '../../log/reader.ts'
import { defaultLimits } from '../../server/config.ts'
import { openSqliteReader } from '../../store/sqlite/index.ts'
import { parseAnswer, type TraceSource } from './source.ts'

/** The source that opens the index and the log of `dataDir`. Rejects with `AGL_NOT_FOUND` when there are none. */
export async function localSource(dataDir: string): Promise<TraceSource> {
  const indexPath = join(dataDir, 'index.db')
  if (!existsSync(indexPath)) {
    const todo = 'Start a server on it once: agl agentops --daemon --data-dir DIR'
    throw new AglError('AGL_NOT_FOUND', { what: `An index in ${dataDir}`, todo })
  }
  const log = new LogReader(join(dataDir, 'log'))
  const { spanAttributes } = defaultLimits
  const sources: QuerySources = { store: await openSqliteReader(indexPath), log, spanAttributes }
  const answer = async <T>(value: Promise<unknown>): Promise<T> => parseAnswer<T>(toJson(await value))
  const needsServer = (): never => {
    throw new AglError('AGL_NOT_RUNNING', { dataDir })
  }
  return {
    list: (parameters) => answer(questions.listTraces(sources, listQuery(parameters, Date.now()).query)),
    trace: (id, parameters) => {
      const { limit, cursor } = parseParameters(traceParameters, parameters)
      return answer(questions.getTrace(sources, { id, limit, ...(cursor === undefined ? {} : { cursor }) }))
    },
    span: async (id, spanId) => toJson(await questions.getSpan(sources, { id, spanId })),
    async *export(id) {
      let cursor: string | null | undefined
      do {
        const page = await questions.exportSpans(sources, { id, ...(cursor ? { cursor } : {}) })
        yield* page.lines
        cursor = page.cursor
      } while (cursor !== null)
    },
    logs: async (id) => {
      const { trace } = (await questions.getTrace(sources, { id, limit: 1 })) as {
        trace: { traceId: string }
      }
      return answer(questions.getLogs(sources, { id: trace.traceId }))
    },
    traceLogs: (id, parameters) =>
      answer(questions.getTraceLogRecords(sources, { id, ...traceLogQuery(parameters).query })),
    allLogs: (parameters) =>
      answer(questions.listLogRecords(sources, logQuery(parameters, Date.now()).query)),
    metrics: (parameters) => answer(questions.listMetricSeries(sources, seriesQuery(parameters).query)),
    metricPoints: (parameters) =>
      answer(questions.getMetricPoints(sources, pointQuery(parameters, Date.now()).query)),
    calls: (parameters) => answer(questions.listCalls(sources, callListQuery(parameters, Date.now()).query)),
    doctor: (parameters) => answer(questions.diagnose(sources, doctorQuery(parameters, Date.now()).query)),
    call: async (id) => toJson(await questions.getCall(sources, { id })),
    async *exportCalls(parameters) {
      const { query } = callExportQuery(parameters, Date.now())
      let cursor: string | null | undefined
      do {
        const page = await questions.exportCalls(sources, { ...query, ...(cursor ? { cursor } : {}) })
        yield* page.lines
        cursor = page.cursor
      } while (cursor !== null)
    },
    changes: async () => needsServer(),
    remove: async () => needsServer(),
    settle: async () => needsServer(),
    close: async () => {
      await sources.store.close()
      log.close()
    },
  }
}
