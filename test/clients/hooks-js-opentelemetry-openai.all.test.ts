import { describeJsHooks, openaiCases } from './hooks-js-suite.ts'

await describeJsHooks({
  name: 'opentelemetry-openai',
  program: 'cases-opentelemetry-openai.mjs',
  cases: openaiCases.filter((name) => !name.startsWith('raw')),
  span: /^(chat m|openai\.chat\.completion)$/,
})
