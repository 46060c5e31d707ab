import { describe, expect, it } from 'vitest'
import { derive, deriveAll } from './json-span.ts'

describe('values that say nothing', () => {
  it.each(['', '   ', '<REDACTED>'])('%j leaves the field to the next key', (nothing) => {
    const fields = derive({
      'gen_ai.conversation.id': nothing,
      'session.id': 's',
      'gen_ai.request.model': nothing,
      'agentops.tags': [nothing],
    })
    expect(fields).toEqual({ type: 'other', session: 's' })
  })

  it('names are cut, identifiers that are too long are left out', () => {
    const fields = derive({
      'gen_ai.request.model': 'm'.repeat(300),
      'session.id': 's'.repeat(513),
      'user.id': 'u'.repeat(512),
    })
    expect(fields.requestModel).toHaveLength(256)
    expect(fields.session).toBeUndefined()
    expect(fields.user).toHaveLength(512)
  })

  it('at most 64 tags are kept, and no half character at the end of one', () => {
    const many = Array.from({ length: 100 }, (_, at) => `t${at}`)
    expect(derive({ 'agentops.tags': many }).tags).toHaveLength(64)
    const [tag] = derive({ 'agentops.tags': [`${'x'.repeat(255)}😀`] }).tags as string[]
    expect(tag).toBe('x'.repeat(255))
  })

  it('state of one span never shows in the next', () => {
    derive({
      'gen_ai.request.model': 'm',
      prompt_token_ids: [1],
      'response_token_ids.3': [1],
      'agentops.tags': ['t'],
    })
    const { fields, resource, sources } = deriveAll({})
    expect([fields, resource, sources]).toEqual([{ type: 'other' }, {}, []])
  })
})
