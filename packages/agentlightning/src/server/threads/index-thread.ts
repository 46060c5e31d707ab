// Entry of the index thread: the only writer of the index. Follows the log as far as it is told.
import { parentPort, workerData } from 'node:worker_threads'
import { createDeriveRecord } from '../../index/derive-record.ts'
import { type Following, step } from '../../index/follow.ts'
import { openIndex } from '../../index/open-index.ts'
import { LogReader } from '../../log/reader.ts'
import type { Position } from '../../log/record.ts'
import type { IndexThreadData, ToIndexThread } from './index-messages.ts'

const data = workerData as IndexThreadData
const port = parentPort
if (!port) throw new Error('This file runs as a worker thread.')

const current = new Float64Array(data.current)
const writer = await openIndex(data.indexPath, (why) => port.postMessage({ did: 'rebuild', why }))
const damaged = new Set<string>()
const following: Following = {
  reader: new LogReader(data.logDir, { onDamage: (damage) => damaged.add(JSON.stringify(damage)) }),
  writer,
  derive: createDeriveRecord(data.limits),
  enter: (record) => {
    current[0] = record
  },
  poisoned: new Set(data.poisoned),
}

let position = await writer.position()
let target: Position = position
let running = false
let closing = false

port.on('message', (message: ToIndexThread) => {
  if (message.do === 'follow') target = Math.max(target, message.upTo)
  if (message.do === 'checkpoint')
    void writer.checkpoint().then((at) => port.postMessage({ did: 'checkpoint', at }))
  if (message.do === 'forget') following.reader.forget(message.below)
  if (message.do === 'close') closing = true
  if (!running) void run()
})
port.postMessage({ did: 'open', position })

async function run(): Promise<void> {
  running = true
  while (position < target && !closing) {
    const done = await step(following, position, target)
    const stuck = done.position <= position
    position = done.position
    current[0] = -1
    port?.postMessage({ did: 'step', ...done, damaged: damaged.size })
    // Lets messages in between transactions: a close must not wait for the whole lag.
    await new Promise((resolve) => setImmediate(resolve))
    if (stuck) break
  }
  running = false
  if (closing) {
    following.reader.close()
    await writer.close()
    port?.close()
  }
}
