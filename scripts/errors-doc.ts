// Writes docs/errors.md from the catalogue: `npm run docs`.
import { writeFileSync } from 'node:fs'
import { errorsDocument } from '../packages/agentlightning/src/errors-document.ts'

writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsDocument())
