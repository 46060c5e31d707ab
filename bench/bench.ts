// What a benchmark is, and what it is given.
import type { Launch } from './subjects/subject.ts'

/** Settings of a run, and where benchmarks say what they found. */
export interface Context {
  /** Short, small, everything once: shows that it works, not how fast. */
  readonly smoke: boolean
  /** Of each burst of load. */
  readonly burstSeconds: number
  readonly sustainedSeconds: number
  /** Flask, where it can be had. */
  readonly flask: Launch | undefined
  /** Trace stores whose binaries were given. */
  readonly peers: readonly (() => Launch)[]
  print(text: string): void
  /** Something is broken: the run goes on and ends with status 1. */
  fail(what: string): void
}

/** One benchmark; it prints its own tables. */
export interface Benchmark {
  readonly name: string
  readonly what: string
  /** Left out of a run that names none. */
  readonly onlyByName?: boolean
  run(context: Context): Promise<void>
}
