import { describeJsHooks } from './hooks-js-suite.ts'

await describeJsHooks({
  name: 'vercel-ai',
  program: 'cases-vercel-ai.mjs',
  cases: [
    ...['plain', 'stream', 'raw', 'tools', 'tools-stream', 'parse'],
    ...['together-a', 'together-b', 'together-c'],
  ],
  span: /^chat m$/,
})
