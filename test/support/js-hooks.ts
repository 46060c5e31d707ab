// The entries of the JavaScript hooks, as addresses that a program can import.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { root, tempDir } from './agl.ts'

const home = join(root, 'packages', 'agentlightning')
const sources = join(home, 'src', 'instrumentation')

/** Addresses of both entries, and what Node needs to load them. */
export interface JsHooks {
  readonly register: string
  readonly instrumentation: string
  readonly conditions: readonly string[]
}

/** As the servers of a test run: the bundle or the sources. */
export function jsHooks(): JsHooks {
  return process.env.AGL_DIST === undefined
    ? {
        register: pathToFileURL(join(sources, 'register.ts')).href,
        instrumentation: pathToFileURL(join(sources, 'index.ts')).href,
        conditions: ['--conditions=agl-source'],
      }
    : bundleIn(join(home, 'dist'), 'js')
}

/** Bundled as for the package, for a Node that does not read TypeScript. */
export async function bundledJsHooks(format: 'esm' | 'cjs' = 'esm'): Promise<JsHooks> {
  const ending = format === 'esm' ? 'js' : 'cjs'
  if (process.env.AGL_DIST !== undefined) return bundleIn(join(home, 'dist'), ending)
  const folder = tempDir()
  const build = await rolldown({
    input: { instrumentation: join(sources, 'index.ts'), register: join(sources, 'register.ts') },
    platform: 'node',
    cwd: home,
    transform: { target: 'node18' },
  })
  const extension = format === 'esm' ? 'mjs' : 'cjs'
  await build.write({
    dir: folder,
    format,
    exports: 'named',
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `shared-[hash].${extension}`,
  })
  await build.close()
  return bundleIn(folder, extension)
}

function bundleIn(folder: string, ending: string): JsHooks {
  return {
    register: pathToFileURL(join(folder, `register.${ending}`)).href,
    instrumentation: pathToFileURL(join(folder, `instrumentation.${ending}`)).href,
    conditions: [],
  }
}
