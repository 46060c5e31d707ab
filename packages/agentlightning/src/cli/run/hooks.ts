// The variables that load our hooks into Python and Node programs.
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the hooks are; undefined for what this installation lacks. */
export interface HookFiles {
  /** Folder for PYTHONPATH. */
  readonly python: string | undefined
  /** File URL for `node --import`. */
  readonly node: string | undefined
}

/** Finds the hooks beside the bundle, or in the sources that run unbundled. */
export function locateHooks(): HookFiles {
  const first = (...candidates: string[]): URL | undefined =>
    candidates.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url))
  const python = first('./python/site', '../../instrumentation/python/site')
  return {
    python: python && fileURLToPath(python),
    node: first('./register.js', './register-source.mjs')?.href,
  }
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
  if (files.node !== undefined) vars.NODE_OPTIONS = withImport(files.node, env.NODE_OPTIONS)
  return vars
}

/** First, since only the first `sitecustomize` is loaded; it loads the next one itself. */
function prepended(folder: string, path: string | undefined): string {
  if (!path) return folder
  const others = path.split(delimiter).filter((entry) => entry !== folder)
  return [folder, ...others].join(delimiter)
}

/** Last, after what the user's own options load. A file URL has no spaces and no quotes. */
function withImport(url: string, options: string | undefined): string {
  const wanted = `--import ${url}`
  if (!options?.trim()) return wanted
  return options.includes(url) ? options : `${options} ${wanted}`
}
