// Entry of the index thread: the only writer of the index. Follows the log as far as it is told.
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { createDeriveRecord } from '../../index/derive-record.ts'
import { type Following, smallBatch, step } from '../../index/follow.ts'
import { openIndex } from '../../index/open-index.ts'
import { LogReader } from '../../log/reader.ts'
import { freeBytes } from '../disk-room.ts'
import type { IndexThreadData, ToIndexThread } from './index-messages.ts'
import { IndexShared } from './index-shared.ts'

const data = workerData as IndexThreadData
/** A step that read less than this lets records gather before the next. */
const GATHERED_BYTES = 1024 * 1024
/** For so long: far below the 100 ms within which a write is to be visible. */
const GATHER_MS = 10
/** With more than this free, transactions need not be small any longer. */
const ROOMY_BYTES = 256 * 1024 * 1024

const port = parentPort
if (!port) throw new Error('This file runs as a worker thread.')

const shared = new IndexShared(data.shared)
const writer = await openIndex(data.indexPath, (why) => port.postMessage({ did: 'rebuild', why }))
const following: Following = {
  reader: new LogReader(data.logDir, {
    onDamage: (damage) => port.postMessage({ did: 'damage', ...damage }),
  }),
  writer,
  derive: createDeriveRecord(data.limits),
  enter: (record) => {
    shared.current = record
  },
  poisoned: new Set(data.poisoned),
}

let position = await writer.position()
let running = false
let closing = false
let { cramped } = data
if (cramped) await writer.trim()

port.on('message', (message: ToIndexThread) => {
  if (message.do === 'checkpoint')
    void writer.checkpoint().then((at) => port.postMessage({ did: 'checkpoint', at }))
  if (message.do === 'forget') following.reader.forget(message.below)
  if (message.do === 'close') closing = true
  if (!running) void run()
})
port.postMessage({ did: 'open', position })
void run()

async function run(): Promise<void> {
  running = true
  while (!closing && (position < shared.target || !shared.rest(position))) {
    const done = await step(following, position, shared.target, cramped ? smallBatch : undefined)
    if (cramped) {
      await writer.trim()
      cramped = freeBytes(dirname(data.indexPath)) < ROOMY_BYTES
    }
    const stuck = done.position <= position
    const full = done.position - position >= GATHERED_BYTES
    position = done.position
    shared.current = -1
    port?.postMessage({ did: 'step', ...done })
    if (stuck) {
      shared.pause()
      break
    }
    // Messages come in between: a close must not wait for the whole lag. And few records a transaction cost
    // more than they are worth, so the next ones may gather first.
    await new Promise((resolve) => (full ? setImmediate(resolve) : setTimeout(resolve, GATHER_MS)))
  }
  running = false
  if (closing) {
    following.reader.close()
    await writer.close()
    port?.close()
  }
}
