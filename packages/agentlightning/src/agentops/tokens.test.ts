import { createSigner } from 'fast-jwt'
import { expect, test } from 'vitest'
import { DEFAULT_PROJECT_ID } from '../store/default-project.ts'
import { projectOfKey } from './projects.ts'
import { createTokens } from './tokens.ts'

const secret = Buffer.alloc(32, 7)
const tokens = createTokens(secret, Date.now)

test('a token says the project, and a hash in place of the key', () => {
  const key = '11111111-2222-4333-8444-555555555555'
  const { project, keyHash } = projectOfKey(key)
  const token = tokens.issue(project, keyHash)
  expect(tokens.read(token)).toMatchObject({
    project_id: project,
    aud: 'authenticated',
    project_prem_status: 'pro',
    api_key: `sha256:${keyHash}`,
  })
  expect(Buffer.from(token.split('.')[1] as string, 'base64url').toString()).not.toContain(key)
})

test('a token lives for years: no client ever renews one', () => {
  const claims = tokens.read(tokens.issue(DEFAULT_PROJECT_ID, 'aa'))
  expect(typeof claims === 'object' && claims.exp - Date.now() / 1000).toBeGreaterThan(5 * 365 * 24 * 3600)
})

test('foreign, expired and damaged tokens are told apart in the words of the hosted API', () => {
  const sign = (claims: object, key = secret) =>
    createSigner({ algorithm: 'HS256', key, noTimestamp: true })(claims)
  const exp = Math.floor(Date.now() / 1000) + 60
  expect(tokens.read(sign({ exp, aud: 'authenticated' }, Buffer.alloc(32, 8)))).toBe('Invalid token')
  expect(tokens.read(sign({ exp, aud: 'someone' }))).toBe('Invalid audience')
  expect(tokens.read(sign({ exp: 1, aud: 'authenticated' }))).toBe('Token has expired')
  expect(tokens.read('None')).toBe('Invalid token')
  expect(tokens.read('')).toBe('Invalid token')
})

test('a UUID key has a project of its own, the same every time; any other key is the default project', () => {
  const one = projectOfKey('6b7a1469-bdcb-4d47-85ba-c4824bc8486e')
  expect(one).toEqual(projectOfKey('6b7a1469-bdcb-4d47-85ba-c4824bc8486e'))
  expect(one.project).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(one.project).not.toBe(projectOfKey('6b7a1469-bdcb-4d47-85ba-c4824bc8486f').project)
  expect(projectOfKey('dummy').project).toBe(DEFAULT_PROJECT_ID)
  expect(projectOfKey('00000000-0000-0000-0000-000000000000').project).toBe(DEFAULT_PROJECT_ID)
})
