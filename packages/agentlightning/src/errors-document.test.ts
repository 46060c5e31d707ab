import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorsDocument } from './errors-document.ts'

test('docs/errors.md is what the catalogue says', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  expect(page, 'run `npm run docs`').toBe(errorsDocument())
})
