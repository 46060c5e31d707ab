import { describeHooks } from './hooks-python-suite.ts'

// What `pip install agentops` gives today: no span without the hooks.
await describeHooks({ name: 'agentops-0.4.21-otel-1.45', helper: true, broken: true })
