// How the conformance suite gets at an engine.
import { afterEach, beforeEach } from 'vitest'
import type { Change, StoreReader, StoreWriter, WriteResult } from '../contract.ts'

/** Both halves of one store. */
export interface OpenStore {
  readonly writer: StoreWriter
  readonly reader: StoreReader
  /** Closes both halves and opens the same store again. */
  reopen(): Promise<OpenStore>
  /** Closes the store and removes it. */
  cleanup(): Promise<void>
}

/** Opens a store of its own, empty. */
export type OpenEngine = () => Promise<OpenStore>

/** The store of the running test. */
export interface Fixture {
  readonly writer: StoreWriter
  readonly reader: StoreReader
  /** Writes changes at the next position. */
  write(...changes: Change[]): Promise<WriteResult>
  reopen(): Promise<void>
}

/** A store for each test of the surrounding `describe`. */
export function useStore(open: OpenEngine): Fixture {
  let store: OpenStore
  let position = 0
  beforeEach(async () => {
    store = await open()
    position = 0
  })
  afterEach(() => store.cleanup())
  return {
    get writer() {
      return store.writer
    },
    get reader() {
      return store.reader
    },
    write: (...changes) => store.writer.write({ changes, position: ++position }),
    reopen: async () => {
      store = await store.reopen()
    },
  }
}
