import { describeJsHooks, openaiCases } from './hooks-js-suite.ts'

await describeJsHooks({
  name: 'openai-4',
  program: 'cases-openai.mjs',
  cases: openaiCases,
  span: /^openai\.chat\.completion$/,
})
