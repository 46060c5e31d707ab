#!/usr/bin/env node
// The launcher: only syntax and modules that old Nodes know too, so that they can say what is missing.
var wanted = [24, 15]
var found = process.versions.node.split('.').map(Number)
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    'agl needs Node.js ' +
      wanted.join('.') +
      ' or later and this is ' +
      process.version +
      ' (' +
      process.execPath +
      '): get it from https://nodejs.org/en/download, or with `nvm install 24` or `fnm install 24`.',
  )
  process.exit(1)
}

import('node:module')
  .then((module) => {
    module.enableCompileCache()
    return import('node:fs')
  })
  .then((fs) => {
    // A checkout runs its sources, whether or not it was built once; the published package has none.
    var source = new URL('../src/cli/main.ts', import.meta.url)
    var built = new URL('../dist/cli.js', import.meta.url)
    return import(fs.existsSync(source) && !process.env.AGL_DIST ? source.href : built.href)
  })
  .then((cli) => cli.main(process.argv.slice(2)))
