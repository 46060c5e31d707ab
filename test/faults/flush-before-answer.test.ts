import { describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/agl.ts'
import { postTraces, request } from '../support/http.ts'
import { requireMeans } from '../support/means.ts'
import { protobufBody, someSpan } from '../support/otlp-bodies.ts'
import { findStrace, type SystemCall, traceCalls } from '../support/strace.ts'

const strace = await requireMeans('order of write, flush and answer', findStrace)

const writes = ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2']
const flushes = ['fsync', 'fdatasync']
const sends = ['write', 'writev', 'sendto', 'sendmsg']
const traced = [...new Set([...writes, ...flushes, ...sends])]

describe.runIf(strace !== undefined)(
  'what the system sees of an acknowledgement',
  { timeout: 120_000 },
  () => {
    /** The calls that one accepted request with `body` makes. */
    async function callsOf(server: TestServer, path: string, body: Buffer | string): Promise<SystemCall[]> {
      return traceCalls(server.pid, traced, async () => {
        const post = { method: 'POST', path, body, headers: { 'trace-id': 'ab'.repeat(16) } }
        expect((await request(server, post)).status).toBe(200)
      })
    }

    function expectOrder(calls: readonly SystemCall[]): { segment: string } {
      const written = calls.filter(({ name, args }) => writes.includes(name) && /^\d+<[^>]*\.seg>/.test(args))
      expect(written.length).toBeGreaterThan(0)
      const lastWrite = written.at(-1) as SystemCall
      const segment = /<([^>]*\.seg)>/.exec(lastWrite.args)?.[1] as string
      const flush = calls.find(
        ({ name, args, begin }) =>
          flushes.includes(name) && args.includes(`<${segment}>`) && begin > lastWrite.end,
      )
      expect(flush?.result, 'the flush after the last write').toBe('0')
      const answers = calls.filter(({ name, args }) => sends.includes(name) && args.includes('HTTP/1.1 200'))
      expect(answers).toHaveLength(1)
      expect(answers[0]?.begin).toBeGreaterThan((flush as SystemCall).end)
      return { segment }
    }

    it('is write, flush of that file, answer; for the first record also the flush of the directory', async () => {
      const server = await startServer()
      const calls = await callsOf(server, '/v1/traces', protobufBody([someSpan()]))
      const { segment } = expectOrder(calls)
      const directory = segment.slice(0, segment.lastIndexOf('/'))
      const named = calls.find(({ name, args }) => name === 'fsync' && args.includes(`<${directory}>`))
      const answer = calls.find(({ args }) => args.includes('HTTP/1.1 200'))
      expect(named?.result, 'the flush of the directory').toBe('0')
      expect((named as SystemCall).end).toBeLessThan((answer as SystemCall).begin)
      expectOrder(await callsOf(server, '/v1/traces', protobufBody([someSpan()])))
    })

    it('is the same for uploads and deletions', async () => {
      const server = await startServer()
      const span = someSpan()
      await postTraces(server, protobufBody([span]))
      expectOrder(await callsOf(server, '/v4/logs/upload/', 'console text'))
      const deletion = await traceCalls(server.pid, traced, async () => {
        const answer = await request(server, { method: 'DELETE', path: `/api/v1/traces/${span.traceId}` })
        expect(answer.status).toBe(200)
      })
      expectOrder(deletion)
    })
  },
)
