// The hooks on the Nodes that programs run on: as they are shipped, for `import` and for `require`.
import { bundledJsHooks } from '../support/js-hooks.ts'
import { requireMeans } from '../support/means.ts'
import { type OlderNode, olderNode } from '../support/older-node.ts'
import { describeJsHooks, openaiCases } from './hooks-js-suite.ts'

const combinations: readonly (readonly [OlderNode, string])[] = [
  ['18', 'openai-4'],
  ['18', 'openai-5'],
  ['20', 'openai-4'],
  ['20', 'openai-5'],
]
const hooks = await bundledJsHooks()

for (const [version, name] of combinations) {
  const node = await requireMeans(`Node ${version}`, () => olderNode(version))
  if (node)
    await describeJsHooks({
      name,
      program: 'cases-openai.mjs',
      cases: openaiCases,
      shapes: ['sglang'],
      on: { name: `Node ${version}`, node, hooks },
      span: /^openai\.chat\.completion$/,
    })
}
