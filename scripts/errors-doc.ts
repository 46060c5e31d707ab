// Writes docs/errors.md and docs/doctor.md from their tables: `npm run docs`.
import { writeFileSync } from 'node:fs'
import { doctorDocument } from '../packages/agentlightning/src/doctor/document.ts'
import { errorsDocument } from '../packages/agentlightning/src/errors-document.ts'

writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsDocument())
writeFileSync(new URL('../docs/doctor.md', import.meta.url), doctorDocument())
