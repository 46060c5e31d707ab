// By hand (`npm run test:vllm`): it takes 5.8 GB.
import { vllmMeans } from '../support/tiny-model.ts'
import { describeReal } from './hooks-real-suite.ts'

// Long conversations, and structured output that comes to its end.
const args = ['--max-model-len', '2048']
const structured = JSON.stringify({ backend: 'xgrammar', disable_any_whitespace: true })
await describeReal({
  name: 'vllm',
  start: async () => (await vllmMeans()).start(...args, '--structured-outputs-config', structured),
  startMs: 900_000,
})
