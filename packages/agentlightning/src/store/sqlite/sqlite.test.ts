import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenStore } from '../conformance/harness.ts'
import { describeStoreConformance } from '../conformance/suite.ts'
import { openSqliteReader, openSqliteWriter } from './index.ts'

describeStoreConformance('the SQLite store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agl-store-'))
  return openAt(join(folder, 'index.db'), () => rm(folder, { recursive: true }))
})

async function openAt(path: string, remove: () => Promise<void>): Promise<OpenStore> {
  const writer = await openSqliteWriter(path)
  const reader = await openSqliteReader(path)
  const close = async (): Promise<void> => {
    await reader.close()
    await writer.close()
  }
  return {
    writer,
    reader,
    reopen: async () => {
      await close()
      return openAt(path, remove)
    },
    cleanup: async () => {
      await close()
      await remove()
    },
  }
}
