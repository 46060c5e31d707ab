// What the main and the query thread say to each other.
import type { questions } from '../../api/queries.ts'
import type { ErrorCode } from '../../errors.ts'

/** What the query thread starts with. */
export interface QueryThreadData {
  readonly logDir: string
  readonly indexPath: string
  /** Of `Limits`. */
  readonly spanAttributes: number
}

/** The questions that can be asked, by the names of their functions. */
export type Question = keyof typeof questions

/** What a question is asked about. */
export type QueryOf<Q extends Question> =
  Parameters<(typeof questions)[Q]> extends [unknown, infer About] ? About : undefined

/** The answer as it reaches the main thread: JSON text, but bytes and lines as they are. */
export type AnswerOf<Q extends Question> = Q extends 'getObject' | 'exportSpans' | 'exportCalls'
  ? Awaited<ReturnType<(typeof questions)[Q]>>
  : string

export type ToQueryThread =
  | { readonly id: number; readonly ask: Question; readonly query: unknown }
  /** Segments below this number were removed: their space is free once nobody has them open. */
  | { readonly forget: number }

export type FromQueryThread =
  | { readonly id: number; readonly ok: true; readonly answer: unknown }
  | {
      readonly id: number
      readonly ok: false
      readonly code: ErrorCode
      readonly details: Readonly<Record<string, string | number>>
      readonly text: string
    }
