// Hears of the program's modules: those that are loaded already, and those that will be. CommonJS modules are seen
// when they were run; ES modules get a line at their end that hands over the class.
import Module, { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Patch } from '../patch.ts'
import { loaderSource } from './loader-source.ts'
import { type Target, targetAt } from './targets.ts'

/** Takes a class that a target module exports. `folder` is the package's, a path or a `file:` URL. */
export type Offer = (target: Target, exported: unknown, folder: string) => void

/** The members of Node's module loader that are used; none of them is declared, some are missing in older versions. */
interface NodeModule {
  readonly _cache: Readonly<Record<string, { readonly exports?: unknown } | undefined>>
  readonly prototype: { _compile(...args: unknown[]): unknown }
  readonly registerHooks?: (hooks: object) => { deregister(): void }
  readonly register?: (specifier: string) => void
}

interface LoadResult {
  readonly format?: string | null
  readonly source?: string | ArrayBuffer | Uint8Array | null
}

type NextLoad = (url: string, context: object) => LoadResult

const nodeModule = Module as unknown as NodeModule

/** Offers the CommonJS targets that are there. */
export function offerLoaded(offer: Offer): void {
  const loaded = Object.entries(nodeModule._cache)
  const isMain = ([path]: (typeof loaded)[number]): boolean => targetAt(path)?.target.main === true
  for (const [path, module] of [...loaded.filter((each) => !isMain(each)), ...loaded.filter(isMain)])
    offerExports(path, module?.exports, offer)
}

/**
 * Offers the ES modules of the OpenAI SDK where the program has it, unless it is a CommonJS program that has it by
 * `require` already. Only for a call by hand: a static import has loaded it by then, and importing it again gives the
 * very same module.
 */
export async function offerImported(offer: Offer): Promise<void> {
  const isCommonJs = process.mainModule !== undefined
  const loaded =
    isCommonJs &&
    Object.keys(nodeModule._cache).some((path) => targetAt(path)?.target.packageName === 'openai')
  const path = loaded ? undefined : resolved('openai')
  if (path === undefined) return
  for (const name of ['client.mjs', 'core.mjs']) {
    const url = pathToFileURL(path.replace(/[^/\\]+$/, name)).href
    const found = targetAt(url)
    if (!found) continue
    try {
      const exports = (await import(url)) as Record<string, unknown>
      if (exports[found.target.exported] !== undefined)
        return offer(found.target, exports[found.target.exported], found.folder)
    } catch {
      // Each version has one of them.
    }
  }
}

function resolved(name: string): string | undefined {
  try {
    return createRequire(process.argv[1] ?? `${process.cwd()}/`).resolve(name)
  } catch {
    return undefined
  }
}

/** Offers every CommonJS target that is loaded from now on. */
export function watchCommonJs(offer: Offer): Patch {
  const { prototype } = nodeModule
  const original = prototype._compile
  let active = true
  function _compile(this: { readonly exports?: unknown }, ...args: unknown[]): unknown {
    const result = original.apply(this, args)
    if (active) offerExports(String(args[1]), this.exports, offer)
    return result
  }
  prototype._compile = _compile
  return {
    undo() {
      active = false
      if (prototype._compile === _compile) prototype._compile = original
    },
  }
}

/** Lets ES modules that are loaded from now on hand over their targets; undefined where Node cannot do that. */
export function watchEsModules(): Patch | undefined {
  if (nodeModule.registerHooks) {
    const hooks = nodeModule.registerHooks({ load })
    return { undo: () => hooks.deregister() }
  }
  if (!nodeModule.register) return undefined
  // Before Node 22.15 loading hooks live in a thread of their own and stay: the line they add then finds nobody.
  nodeModule.register(`data:text/javascript,${encodeURIComponent(loaderSource)}`)
  return { undo() {} }
}

function load(url: string, context: object, next: NextLoad): LoadResult {
  const result = next(url, context)
  const found = targetAt(url)
  if (!found || result.format !== 'module' || !result.source) return result
  const text = typeof result.source === 'string' ? result.source : new TextDecoder().decode(result.source)
  return { ...result, source: text + handOver(found.target.exported) }
}

/** The line at the end of an ES module. */
function handOver(name: string): string {
  const given = `typeof ${name} === 'undefined' ? undefined : ${name}`
  return `\n;globalThis[Symbol.for('agentlightning.hooks')]?.offer(import.meta.url, ${given});\n`
}

function offerExports(path: string, exports: unknown, offer: Offer): void {
  try {
    const found = targetAt(path)
    const exported = found && (exports as Record<string, unknown> | undefined)?.[found.target.exported]
    if (found && (exported !== undefined || found.target.main)) offer(found.target, exported, found.folder)
  } catch {
    // A module with getters that throw.
  }
}
