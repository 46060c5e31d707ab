// The variables that load our hooks into Python and Node programs.
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the hooks are; undefined for what this installation lacks. */
export interface HookFiles {
  /** Folder for PYTHONPATH. */
  readonly python: string | undefined
  /** File for `node --require`. */
  readonly node: string | undefined
}

/** Finds the hooks beside the bundle, or in the sources that run unbundled. */
export function locateHooks(): HookFiles {
  const first = (...candidates: string[]): string | undefined =>
    candidates.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path))
  return {
    python: first('./python/site', '../../instrumentation/python/site'),
    node: first('./preload.cjs', '../../instrumentation/preload.cjs'),
  }
}

/** Whether these options of Node load our hooks. */
export function loadsHooks(file: string, options: string): boolean {
  return options.includes(file) || options.includes(pathToFileURL(file).href)
}

/**
 * The variables with the hooks, added to what is in `env`; calling it again on the result changes nothing.
 *
 * @param serverUrl to which hosts that libraries have hard-coded are turned; with the key in its path where one is
 * demanded
 */
export function hooksEnv(files: HookFiles, serverUrl: string, env: Environment): Record<string, string> {
  const vars: Record<string, string> = {
    AGL_SERVER_URL: serverUrl,
    AGL_HOOKS: '1',
  }
  if (files.python !== undefined) vars.PYTHONPATH = prepended(files.python, env.PYTHONPATH)
  if (files.node !== undefined) vars.NODE_OPTIONS = withPreload(files.node, env.NODE_OPTIONS)
  return vars
}

/** First, since only the first `sitecustomize` is loaded; it loads the next one itself. */
function prepended(folder: string, path: string | undefined): string {
  if (!path) return folder
  const others = path.split(delimiter).filter((entry) => entry !== folder)
  return [folder, ...others].join(delimiter)
}

/**
 * Last, after what the user's own options load. `--require`, which every Node takes there, and `--import` with a URL
 * where the path has what would have to be quoted: many tools that read these options themselves know no quotes.
 */
function withPreload(file: string, options: string | undefined): string {
  const wanted = /[\s"]/.test(file) ? `--import ${pathToFileURL(file).href}` : `--require ${file}`
  if (!options?.trim()) return wanted
  return loadsHooks(file, options) ? options : `${options} ${wanted}`
}
