import { describeJsHooks } from './hooks-js-suite.ts'

await describeJsHooks({
  name: 'langchain',
  program: 'cases-langchain.mjs',
  cases: [
    ...['plain', 'stream', 'raw', 'n', 'tools', 'tools-stream', 'parse'],
    ...['together-a', 'together-b', 'together-c'],
  ],
  span: /^openai\.chat\.completion$/,
})
