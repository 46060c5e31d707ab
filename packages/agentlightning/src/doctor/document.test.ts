import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verdictCodes } from '../token-ids/index.ts'
import { findingCodes } from './codes.ts'
import { doctorDocument } from './document.ts'
import { docsOf } from './finding.ts'

const page = readFileSync(new URL('../../../../docs/doctor.md', import.meta.url), 'utf8')

test('docs/doctor.md is what the tables say', () => {
  expect(page, 'run `npm run docs`').toBe(doctorDocument())
})

test('every code has the heading that its findings point to', () => {
  const anchors = [...page.matchAll(/^### (\S+)$/gm)].map(([, heading]) => heading?.replaceAll('.', ''))
  for (const code of [...findingCodes, ...verdictCodes]) expect(anchors).toContain(docsOf(code).split('#')[1])
})
