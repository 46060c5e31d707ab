// `agl reindex`: the index is a view of the log and can be made anew at any time.
import { Command } from 'commander'
import { AglError } from '../errors.ts'
import { createDeriveRecord } from '../index/derive-record.ts'
import { step } from '../index/follow.ts'
import { openIndex, removeIndex } from '../index/open-index.ts'
import { openLog } from '../log/log.ts'
import { nodeDisk } from '../log/node-disk.ts'
import { LogReader } from '../log/reader.ts'
import { ask } from '../manager/ask.ts'
import { findSettledServer } from '../manager/find-server.ts'
import { defaultLimits } from '../server/config.ts'
import { openDataDir } from '../server/data-dir/data-dir.ts'
import { resolveDataDir } from '../server/data-dir/resolve.ts'
import type { ServerState } from '../server/data-dir/state-file.ts'
import { note, say } from './output.ts'

/** The command `agl reindex`. */
export function reindexCommand(): Command {
  return new Command('reindex')
    .description('Rebuilds the index from the log: in the running server, or here when none runs.')
    .option('--data-dir <dir>', 'data directory')
    .action(async ({ dataDir }: { dataDir?: string }) => {
      const path = resolveDataDir(dataDir)
      const found = await findSettledServer(path)
      await (found.kind === 'running' ? askServer(found.state) : rebuild(path))
    })
}

async function askServer({ url, secret }: ServerState): Promise<void> {
  const headers = { 'x-agl-secret': secret }
  const reply = await ask(`${url}/api/v1/server/reindex`, { method: 'POST', headers, timeoutMs: 30_000 })
  if (reply.status !== 202) {
    throw new AglError('AGL_SERVER_SAID', { message: `The server answered ${reply.status}.`, action: '' })
  }
  say('The server rebuilds its index; `agl agentops status` shows how far it is.')
}

async function rebuild(path: string): Promise<void> {
  const dataDir = await openDataDir(path)
  try {
    const nowNs = () => BigInt(Date.now()) * 1_000_000n
    const log = await openLog({ disk: nodeDisk(dataDir.logDir), nowNs })
    const end = log.durable
    await log.close()
    await removeIndex(dataDir.indexPath)
    const writer = await openIndex(dataDir.indexPath, note)
    const reader = new LogReader(dataDir.logDir)
    const derive = createDeriveRecord(defaultLimits)
    let spans = 0
    let setAside = 0
    let position = await writer.position()
    while (position < end) {
      const done = await step({ reader, writer, derive }, position, end)
      spans += done.spans
      setAside += done.setAside
      if (done.position <= position) break
      position = done.position
      if (process.stderr.isTTY) process.stderr.write(`\r${spans} spans …`)
    }
    reader.close()
    await writer.close()
    if (process.stderr.isTTY) process.stderr.write('\r')
    say(`The index holds ${spans} spans.`)
    if (setAside > 0) note(`${setAside} record(s) could not be derived and were set aside.`)
  } finally {
    await dataDir.close()
  }
}
