// Cases that once broke a rule (see README.md), sent again.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { readStatus, settled } from '../support/read-traces.ts'
import { type FoundCase, readEverything, send } from './fuzz.ts'

const folder = join(import.meta.dirname, 'found')
const cases = readdirSync(folder)
  .toSorted()
  .map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as FoundCase] as const)

describe('a case that fuzzing found', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })

  it.each(cases)('is answered, indexed and can be read: %s', async (_, found) => {
    const body = Buffer.from(found.body, found.base64 ? 'base64' : 'utf8')
    const { method, path, headers, chunked = false } = found
    expect(await send(server, { method, path, headers, body, chunked })).toBeLessThan(500)
    await settled(server)
    const { index } = await readStatus(server)
    expect(index.setAside).toEqual([])
    expect(index.sinceStart.restarts).toBe(0)
    await readEverything(server, 100)
  })
})
