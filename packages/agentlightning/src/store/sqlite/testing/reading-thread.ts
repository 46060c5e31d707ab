// A thread that reads the summary of a trace whenever it is asked for one.
import { parentPort, workerData } from 'node:worker_threads'
import { openSqliteReader } from '../index.ts'

const reader = await openSqliteReader(String(workerData))
parentPort?.on('message', async (traceId: string) => {
  parentPort?.postMessage(await reader.trace(traceId))
})
