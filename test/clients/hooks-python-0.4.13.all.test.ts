import { describeHooks } from './hooks-python-suite.ts'

await describeHooks({ name: 'agentops-0.4.13', helper: false })
