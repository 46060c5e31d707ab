// Puts the hooks in and takes them out: one set for the process, however often and from however many copies of this
// package it is asked for.
import { patchClient, patchExporter, patchSetup } from './agentops-sdk.ts'
import { type CallContext, quietly } from './call.ts'
import { hookFetch } from './fetch-hook.ts'
import { offerImported, offerLoaded, watchCommonJs, watchEsModules } from './modules/loading.ts'
import { type Target, targetAt, versionIn } from './modules/targets.ts'
import { patchOpenAI, warnOfUnknown } from './openai-client.ts'
import type { Patch } from './patch.ts'
import { Remembered } from './recorder.ts'
import { makeVoice, readSettings, type Voice } from './settings.ts'
import { ATTRIBUTE_LIMIT } from './spans/write.ts'

/** What `instrumentAgentOps` takes. */
export interface InstrumentOptions {
  /** Client classes of the OpenAI SDK that cannot be found in `node_modules`, such as those in a bundle. */
  readonly clients?: readonly unknown[]
  /** Whether ES modules that are loaded already are looked for. Default: true. */
  readonly findLoaded?: boolean
}

/** The hooks as they are in the process. */
export interface Instrumentation {
  /** What was hooked so far, in words: `fetch`, `openai 7.57.0`. */
  readonly ways: readonly string[]
  /** Resolves when the modules that were loaded before have been looked through. Never rejects. */
  readonly ready: Promise<void>
}

interface Installed extends Instrumentation {
  /** Called by the line at the end of an ES module. */
  offer(url: string, exported: unknown): void
  add(client: unknown): void
  undo(): void
}

const key = Symbol.for('agentlightning.hooks')
const place = globalThis as unknown as Record<symbol, Installed | undefined>

/** Puts the hooks in; what is in already stays, with the clients that are new. Never throws. */
export function install(options: InstrumentOptions): Instrumentation {
  const installed = place[key] ?? build(options)
  place[key] = installed
  for (const client of options.clients ?? []) installed.add(client)
  return installed
}

/** Takes the hooks out again; false when there are none. */
export function uninstall(): boolean {
  const installed = place[key]
  delete place[key]
  installed?.undo()
  return installed !== undefined
}

function build(options: InstrumentOptions): Installed {
  const settings = readSettings(process.env)
  const voice = makeVoice(settings)
  const patches: Patch[] = []
  const ways: string[] = []
  const seen = new WeakSet<object>()
  const memory = new Remembered()
  const context: { -readonly [K in keyof CallContext]: CallContext[K] } = {
    ...settings,
    voice,
    refused: new Map(),
    remembered: undefined,
  }
  const folders = new Set<string>()

  const take = (target: Target, exported: unknown, version: string | undefined): void => {
    if (typeof exported !== 'function' || seen.has(exported)) return
    seen.add(exported)
    const patch = patchFor(target, exported, version)
    if (!patch) return
    patches.push(patch)
    const way = `${target.packageName} ${version ?? ''}`.trim()
    if (!ways.includes(way)) ways.push(way)
  }
  const patchFor = (target: Target, exported: unknown, version: string | undefined): Patch | undefined => {
    if (target.packageName === 'openai') return patchOpenAI(exported, version, context)
    if (version !== undefined && version !== '0.1.0')
      voice.warn(
        `agentops ${version} is newer than the hooks: calls get spans of their own where it makes none for them`,
      )
    if (target.exported === 'Client') return patchClient(exported, context)
    // Loaded it is in any case; spans are made by it only where the agent framework was found.
    const remember = (): void => {
      context.remembered = memory
    }
    return target.exported === 'OpenAIAgentsInstrumentation'
      ? patchSetup(exported, remember)
      : patchExporter(exported, memory, context, remember)
  }
  const offer = (target: Target, exported: unknown, folder: string): void => {
    quietly(voice, () => {
      if (!target.main) {
        if (typeof exported === 'function') folders.add(folder)
        take(target, exported, versionIn(folder))
      } else if (!folders.has(folder)) {
        folders.add(folder)
        warnOfUnknown(`openai ${versionIn(folder) ?? 'of an unknown version'}`, context)
      }
    })
  }
  const hook = (way: string | undefined, put: () => Patch): void => {
    quietly(voice, () => {
      patches.push(put())
      if (way) ways.push(way)
    })
  }

  // Its value is not looked at: that loads Node's whole HTTP client, 30 ms at the start of each program.
  const able = 'Response' in globalThis
  if (able) {
    hook(undefined, raiseAttributeLimit)
    hook('fetch', () => ({ undo: hookFetch(context) }))
    hook(undefined, () => watchCommonJs(offer))
    hook(undefined, () => watchEsModules() ?? withoutEsModules(voice))
    quietly(voice, () => offerLoaded(offer))
    voice.debug(`hooks are in: ${ways.join(', ')}`)
  } else voice.warn(`this Node (${process.versions.node}) runs without fetch: no token ids are collected`)
  return {
    ways,
    ready: able && options.findLoaded !== false ? offerImported(offer).catch(() => {}) : Promise.resolve(),
    offer(url, exported) {
      const found = quietly(voice, () => targetAt(url))
      if (found) offer(found.target, exported, found.folder)
    },
    add(client) {
      if (able) quietly(voice, () => take(givenClient, client, undefined))
    },
    undo() {
      for (const patch of patches.reverse()) quietly(voice, () => patch.undo())
      voice.debug('hooks are out')
    },
  }
}

/** Node before 18.19. */
function withoutEsModules({ warn }: Voice): Patch {
  warn(
    `Node ${process.versions.node} cannot show its ES modules to the hooks (18.19 can): of an OpenAI SDK that is ` +
      'imported, calls through the global fetch are seen; of one that is required, all are',
  )
  return { undo() {} }
}

const givenClient: Target = { packageName: 'openai', file: /^$/, exported: 'OpenAI' }

const LIMIT = 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'

/** Providers that are made from now on keep as many attributes of a span as the server does. */
function raiseAttributeLimit(): Patch {
  const { env } = process
  if (env[LIMIT] !== undefined || env.OTEL_ATTRIBUTE_COUNT_LIMIT !== undefined) return { undo() {} }
  const raised = String(ATTRIBUTE_LIMIT)
  env[LIMIT] = raised
  return {
    undo() {
      if (env[LIMIT] === raised) delete env[LIMIT]
    },
  }
}
