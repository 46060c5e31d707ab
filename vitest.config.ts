import { defineConfig } from 'vitest/config'

const suite = process.env.AGL_SUITE

// `npm test` runs the quick suite; with `AGL_SUITE=all` the files named `*.all.test.ts` run as well. Those named
// `*.vllm.test.ts` need gigabytes and run by hand alone: `npm run test:vllm`.
const others = suite === 'all' ? ['**/*.vllm.test.ts'] : ['**/*.vllm.test.ts', '**/*.all.test.ts']
const quick = ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts']

export default defineConfig({
  resolve: { conditions: ['agl-source'] },
  ssr: { resolve: { conditions: ['agl-source'] } },
  test: {
    include: suite === 'vllm' ? ['test/**/*.vllm.test.ts'] : quick,
    exclude: ['**/node_modules/**', ...(suite === 'vllm' ? [] : others)],
    execArgv: ['--conditions=agl-source'],
    pool: 'forks',
    // Servers, clients and their load share the machine with the tests: more workers would only wait.
    maxWorkers: 2,
    // A busy machine makes tests slow, not wrong: these end what would never end.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
