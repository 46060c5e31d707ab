// The built files of the dashboard, as they lie on the disk.
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

/** Beside the bundle; in a checkout, where the build puts them. */
const folder = new URL(
  extname(import.meta.url) === '.ts' ? '../../dist/dashboard/' : './dashboard/',
  import.meta.url,
)

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** A file to send. */
export interface PageFile {
  readonly bytes: Buffer
  readonly mediaType: string
  readonly gzip: boolean
}

/** A file of the dashboard, compressed where `gzip` is accepted; undefined when there is none. */
export async function pageFile(path: string, gzip: boolean): Promise<PageFile | undefined> {
  const mediaType = mediaTypes[extname(path)]
  if (mediaType === undefined || !/^(assets\/)?[\w-][\w.-]*$/.test(path)) return undefined
  const compressed = gzip ? await read(`${path}.gz`) : undefined
  const bytes = compressed ?? (await read(path))
  return bytes && { bytes, mediaType, gzip: compressed !== undefined }
}

async function read(path: string): Promise<Buffer | undefined> {
  return readFile(new URL(path, folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
