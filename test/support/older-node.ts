// Versions of Node that are older than that of the workspace, from the lock file in `test/clients/js/node`.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MeansMissing } from './means.ts'
import { nodeEnvironment } from './node-client.ts'

/** The versions that are there: the first line of loading hooks, the last one before them, and a newer one. */
export type OlderNode = '18' | '18.17' | '20'

/**
 * The path of its executable.
 *
 * @throws MeansMissing when it cannot be fetched, or not for this machine
 */
export async function olderNode(version: OlderNode): Promise<string> {
  const folder = await nodeEnvironment('node')
  const path = join(folder, 'node_modules', `node-${version}-${process.arch}`, 'bin', 'node')
  if (!existsSync(path)) throw new MeansMissing(`there is no Node ${version} for ${process.arch}`)
  return path
}
