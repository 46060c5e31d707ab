// A process that writes batches until it is killed, and says each position once the write resolved.
import { span } from '../../conformance/rows.ts'
import { openSqliteWriter } from '../index.ts'

const SPANS = 50
const path = process.argv[2]
if (path === undefined) throw new Error('Say which index to write.')

const writer = await openSqliteWriter(path)
for (let position = (await writer.position()) + 1; ; position++) {
  const changes = Array.from({ length: SPANS }, (_, at) =>
    span({ trace: position % 7, span: position * SPANS + at, usage: { input: 1 } }),
  )
  await writer.write({ changes, position })
  process.stdout.write(`${position}\n`)
}
