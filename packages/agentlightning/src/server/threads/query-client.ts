// The main thread's side of the query thread: started by the first question, restarted when it dies.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AglError } from '../../errors.ts'
import type { Logger } from '../../logger.ts'
import type {
  AnswerOf,
  FromQueryThread,
  QueryOf,
  QueryThreadData,
  Question,
  ToQueryThread,
} from './query-messages.ts'
import { threadLimits } from './thread-limits.ts'

const threadFile = new URL(`./query-thread${extname(import.meta.url)}`, import.meta.url)

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Asks the query thread. */
export class QueryClient {
  readonly #data: QueryThreadData
  readonly #logger: Logger
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #nextId = 1

  constructor(data: QueryThreadData, logger: Logger) {
    this.#data = data
    this.#logger = logger
  }

  /** Resolves to the answer. Rejects with the error that the question ended in. */
  ask<Q extends Question>(ask: Q, query: QueryOf<Q>): Promise<AnswerOf<Q>> {
    const id = this.#nextId++
    const worker = this.#running()
    return new Promise<AnswerOf<Q>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject })
      worker.postMessage({ id, ask, query } satisfies ToQueryThread)
    })
  }

  /** Closes the files of segments below this number, which were removed: their space becomes free. */
  forget(below: number): void {
    const message: ToQueryThread = { forget: below }
    this.#worker?.postMessage(message)
  }

  /** Ends the thread; open questions are refused. The next question starts a new one. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #running(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(threadFile, {
      workerData: this.#data,
      name: 'agl-query',
      resourceLimits: threadLimits,
    })
    this.#worker = worker
    worker.on('message', (message: FromQueryThread) => this.#receive(message))
    worker.on('error', (error) => this.#logger.error({ err: error }, 'The query thread failed'))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      for (const { reject } of this.#waiting.values()) reject(new AglError('AGL_INTERNAL'))
      this.#waiting.clear()
    })
    return worker
  }

  #receive(message: FromQueryThread): void {
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (!waiting) return
    if (message.ok) {
      waiting.resolve(message.answer)
      return
    }
    if (message.code === 'AGL_INTERNAL') this.#logger.error(`A query failed: ${message.text}`)
    waiting.reject(new AglError(message.code, message.details))
  }
}
