// Which modules of a program the hooks look into, by where they lie.
import { readFileSync } from 'node:fs'

/** A class that a module exports. */
export interface Target {
  readonly packageName: 'openai' | 'agentops'
  /** Path inside of the package; may match several formats of one module. */
  readonly file: RegExp
  readonly exported: string
  /** The package's main module: it is run after all others, so that a client that was not met by then is unknown. */
  readonly main?: true
}

/** The classes that are patched. */
export const targets: readonly Target[] = [
  { packageName: 'openai', file: /^client\.m?js$/, exported: 'OpenAI' },
  // Version 4.
  { packageName: 'openai', file: /^core\.m?js$/, exported: 'APIClient' },
  { packageName: 'openai', file: /^(dist\/)?index\.[cm]?js$/, exported: 'OpenAI', main: true },
  { packageName: 'agentops', file: /^dist\/client\.js$/, exported: 'Client' },
  {
    packageName: 'agentops',
    file: /^dist\/instrumentation\/openai-agents\/exporter\.js$/,
    exported: 'OpenAIAgentsTracingExporter',
  },
  {
    packageName: 'agentops',
    file: /^dist\/instrumentation\/openai-agents\/index\.js$/,
    exported: 'OpenAIAgentsInstrumentation',
  },
]

const inPackage = /^(.*[/\\]node_modules[/\\](openai|agentops)[/\\])([^?#]+)/

/** The target that lies at a path or `file:` URL, with its package's folder as it is written there. */
export function targetAt(place: string): { readonly target: Target; readonly folder: string } | undefined {
  const match = inPackage.exec(place)
  const file = match?.[3]?.replaceAll('\\', '/')
  const target = targets.find((each) => each.packageName === match?.[2] && each.file.test(file ?? ''))
  return target && match?.[1] !== undefined ? { target, folder: match[1] } : undefined
}

/** The version that a package's manifest says; undefined when it cannot be read. */
export function versionIn(folder: string): string | undefined {
  try {
    const manifest = `${folder}package.json`
    const text = readFileSync(folder.startsWith('file:') ? new URL(manifest) : manifest, 'utf8')
    const { version } = JSON.parse(text) as { version?: unknown }
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}
