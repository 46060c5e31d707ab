// On Nodes that refuse `--import` in NODE_OPTIONS, or load ES modules in other ways.
import { describe } from 'vitest'
import { requireMeans } from '../support/means.ts'
import { olderNode } from '../support/older-node.ts'
import { describePreload } from './js-preload-suite.ts'

for (const version of ['18', '18.17', '20'] as const) {
  const node = await requireMeans(`the hooks in NODE_OPTIONS of Node ${version}`, () => olderNode(version))
  describe.runIf(node !== undefined)(`the hooks in NODE_OPTIONS of Node ${version}`, () => {
    describePreload(node as string)
  })
}
