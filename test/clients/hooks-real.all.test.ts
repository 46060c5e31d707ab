import { requireMeans } from '../support/means.ts'
import { llamaMeans } from '../support/tiny-model.ts'
import { describeReal } from './hooks-real-suite.ts'

const llama = await requireMeans('llama.cpp', llamaMeans)
await describeReal({ name: 'llama.cpp', start: llama?.start, startMs: 120_000 })
