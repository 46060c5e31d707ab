import { describeJsHooks, openaiCases } from './hooks-js-suite.ts'

await describeJsHooks({
  name: 'agentops-0.1.0',
  program: 'cases-agentops.mjs',
  cases: ['agent', ...openaiCases],
  says: /^(Accessing resource attributes before|No API key provided for OpenAI tracing)/,
  stays: true,
  span: /^(openai\.chat\.completion|Generation)$/,
})
