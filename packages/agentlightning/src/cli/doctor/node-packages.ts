// The Node packages that a program in a folder would load.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodePackages, type Packages } from '../../doctor/checks/packages.ts'

/** Versions of the packages in the `node_modules` of a folder and of those above it, the nearest of each. */
export function findNodePackages(directory: string): Packages {
  const found = nodePackages.flatMap((name) => {
    const version = nearestVersion(directory, name)
    return version === undefined ? [] : [[name, version] as const]
  })
  return Object.fromEntries(found)
}

function nearestVersion(directory: string, name: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const version = versionIn(join(folder, 'node_modules', name, 'package.json'))
    if (version !== undefined || folder === dirname(folder)) return version
  }
}

function versionIn(path: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown }
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}
