import { defineConfig } from 'vitest/config'

const all = process.env.AGL_SUITE === 'all'

// `npm test` runs the quick suite; with `AGL_SUITE=all` the files named `*.all.test.ts` run as well.
export default defineConfig({
  resolve: { conditions: ['agl-source'] },
  ssr: { resolve: { conditions: ['agl-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: all ? ['**/node_modules/**'] : ['**/node_modules/**', '**/*.all.test.ts'],
    execArgv: ['--conditions=agl-source'],
    pool: 'forks',
    // Servers, clients and their load share the machine with the tests: more workers would only wait.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
