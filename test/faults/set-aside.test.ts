import { describe, expect, it } from 'vitest'
import { runAgl, startServer, tempDir } from '../support/agl.ts'
import { changeKind, writeRecords } from '../support/log-files.ts'
import { newTraceId, protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { exportTrace, readStatus, settled } from '../support/read-traces.ts'

const payloadOf = (traceId: string) => ({ payload: protobufBody([someSpan({ traceId })]) })

describe('a record that cannot be derived', () => {
  it('is set aside with its error, and all others are indexed', async () => {
    const dataDir = tempDir()
    const good = Array.from({ length: 4 }, newTraceId) as [string, string, string, string]
    await writeRecords(dataDir, [
      payloadOf(good[0]),
      { payload: Buffer.from('no protobuf at all') },
      payloadOf(good[1]),
      { header: { contentType: 'application/json' }, payload: Buffer.from('{"resourceSpans":') },
      payloadOf(good[2]),
      { header: { kind: 'deleteTrace' }, payload: Buffer.alloc(0) },
      { header: { kind: 'project' }, payload: Buffer.from('not json') },
      { header: { kind: 'prune' }, payload: Buffer.from('{}') },
      payloadOf(good[3]),
    ])
    const server = await startServer({ dataDir })
    await settled(server)
    for (const traceId of good) expect(await exportTrace(server, traceId)).toHaveLength(1)
    const { index } = await readStatus(server)
    expect(index.setAsideCount).toBe(5)
    expect(index.setAside.map(({ kind }) => kind).sort()).toEqual([
      'deleteTrace',
      'otlpTraces',
      'otlpTraces',
      'project',
      'prune',
    ])
    for (const { error } of index.setAside) expect(error.length).toBeGreaterThan(5)
    const status = await runAgl(['agentops', 'status', '--data-dir', dataDir])
    expect(status.stdout).toMatch(/set aside count\s+5/)
  })

  it('of a kind that a later version writes waits for that version', async () => {
    const dataDir = tempDir()
    const [before, later, after] = [newTraceId(), newTraceId(), newTraceId()] as const
    const written = await writeRecords(dataDir, [before, later, after].map(payloadOf))
    const record = written[1]?.start as number
    changeKind(dataDir, record, 999)
    const server = await startServer({ dataDir })
    await settled(server)
    for (const traceId of [before, after]) expect(await exportTrace(server, traceId)).toHaveLength(1)
    const { index } = await readStatus(server)
    expect(index.setAside).toEqual([expect.objectContaining({ kind: 'unknown (999)' })])
    await server.stop()

    // A version that knows the kind would find it with a rebuilt index.
    changeKind(dataDir, record, 1)
    const reindex = await runAgl(['reindex', '--data-dir', dataDir])
    expect([reindex.code, reindex.stdout]).toEqual([0, expect.stringContaining('3 spans')])
    const again = await startServer({ dataDir })
    expect(await exportTrace(again, later)).toHaveLength(1)
    expect((await readStatus(again)).index.setAsideCount).toBe(0)
  })
})
