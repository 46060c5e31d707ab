import { readFileSync } from 'node:fs'

// One level up both from the sources of a checkout and from the bundle.
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** The version of this package, e.g. `0.1.0`. */
export const version = manifest.version
