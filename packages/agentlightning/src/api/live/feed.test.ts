import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { type LiveClient, LiveFeed, type LiveSources } from './feed.ts'

/** An index that a test moves by hand. */
function index() {
  let position = 0
  let answer = { traces: [] as object[], removed: [] as string[], change: 0, complete: true }
  const waiting = new Set<() => void>()
  const changes = vi.fn(async (after: number) =>
    JSON.stringify(after > answer.change ? { ...answer, traces: [], removed: [] } : answer),
  )
  const errors: unknown[] = []
  const sources: LiveSources = {
    position: () => position,
    changes,
    spans: () => position,
    onError: (error) => errors.push(error),
    moved: (from, timeoutMs) => {
      if (position > from) return Promise.resolve(true)
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, timeoutMs, false)
        timer.unref()
        waiting.add(() => {
          clearTimeout(timer)
          resolve(true)
        })
      })
    },
  }
  const write = (change: number, traces: object[], removed: string[] = [], complete = true) => {
    position++
    answer = { traces, removed, change, complete }
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  return { sources, write, changes, errors }
}

function client(waits = 0): LiveClient & { text: () => string; ended: () => boolean } {
  const sent: string[] = []
  let ended = false
  return {
    send: (text) => {
      sent.push(text)
      return waits
    },
    end: () => {
      ended = true
    },
    text: () => sent.join(''),
    ended: () => ended,
  }
}

test('what is written before the greeting is left to the reader, what comes after is told', async () => {
  const { sources, write } = index()
  const feed = new LiveFeed(sources)
  const one = client()
  write(3, [{ traceId: 'before' }])
  feed.add(one)
  expect(one.text()).toBe('')
  await expect.poll(one.text).toContain('hello')
  write(4, [{ traceId: 'after' }])
  await expect.poll(one.text).toContain('"after"')
  expect(one.text()).not.toContain('before')
  feed.close()
})

test('each client is greeted, and many clients ask the index once', async () => {
  const { sources, write, changes } = index()
  const feed = new LiveFeed(sources)
  const clients = Array.from({ length: 20 }, () => client())
  for (const one of clients) feed.add(one)
  for (const one of clients) await expect.poll(one.text).toBe('event: hello\ndata: {"spans":0}\n\n')
  await sleep(20)
  const asked = changes.mock.calls.length
  write(7, [{ traceId: 'a' }])
  for (const one of clients)
    await expect
      .poll(one.text)
      .toContain('event: traces\ndata: {"traces":[{"traceId":"a"}],"removed":[],"more":false')
  expect(changes.mock.calls.length - asked).toBeLessThanOrEqual(2)
  feed.close()
  for (const one of clients) expect(one.ended()).toBe(true)
})

test('what was deleted is told by its id, and a gap in what is known as a reason to read anew', async () => {
  const { sources, write } = index()
  const feed = new LiveFeed(sources)
  const one = client()
  feed.add(one)
  await expect.poll(one.text).toContain('hello')
  write(3, [], ['gone'])
  await expect.poll(one.text).toContain('{"traces":[],"removed":["gone"],"more":false')
  write(4, [], [], false)
  await expect.poll(one.text).toContain('{"traces":[],"removed":[],"more":true')
  feed.close()
})

test('nobody is asked for when nobody listens', async () => {
  const { sources, write, changes } = index()
  const feed = new LiveFeed(sources)
  const one = client()
  feed.add(one)
  await sleep(20)
  feed.remove(one)
  write(1, [])
  await sleep(600)
  const asked = changes.mock.calls.length
  write(2, [])
  await sleep(600)
  expect(changes.mock.calls.length).toBe(asked)
  expect(feed.clients).toBe(0)
  feed.close()
})

test('a rebuilt index, whose numbers begin anew, makes everybody read again', async () => {
  const { sources, write } = index()
  const feed = new LiveFeed(sources)
  const one = client()
  feed.add(one)
  await expect.poll(one.text).toContain('hello')
  write(9, [])
  await sleep(600)
  write(2, [{ traceId: 'old' }])
  await expect.poll(one.text).toContain('event: reset\n')
  expect(one.text()).not.toContain('traceId')
  feed.close()
})

test('a client that does not read is let go, the others stay', async () => {
  const { sources } = index()
  const feed = new LiveFeed(sources)
  const [stuck, reading] = [client(64 * 1024 * 1024), client()]
  feed.add(stuck)
  feed.add(reading)
  await expect.poll(stuck.ended).toBe(true)
  expect(reading.ended()).toBe(false)
  expect(feed.clients).toBe(1)
  feed.close()
})

test('a question that fails is reported, and asked again', async () => {
  const { sources, write, errors } = index()
  let failures = 1
  const feed = new LiveFeed({
    ...sources,
    changes: (after, limit) => {
      if (failures-- > 0) return Promise.reject(new Error('the thread ended'))
      return sources.changes(after, limit)
    },
  })
  const one = client()
  feed.add(one)
  await expect.poll(() => errors.length).toBe(1)
  await expect.poll(one.text).toContain('hello')
  write(2, [{ traceId: 'b' }])
  await expect.poll(one.text).toContain('"traceId":"b"')
  feed.close()
})

test('a feed that is closed takes no more clients', () => {
  const feed = new LiveFeed(index().sources)
  feed.close()
  const late = client()
  feed.add(late)
  expect(late.ended()).toBe(true)
  expect(feed.clients).toBe(0)
})
