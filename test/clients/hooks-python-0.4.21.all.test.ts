import { describeHooks } from './hooks-python-suite.ts'

await describeHooks({ name: 'agentops-0.4.21', helper: true })
