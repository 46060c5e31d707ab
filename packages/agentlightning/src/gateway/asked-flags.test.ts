import { describe, expect, it } from 'vitest'
import type { CallDialect } from '../token-ids/types.ts'
import { flagsOfClient } from './asked-flags.ts'
import { membersOf } from './question.ts'

function asked(request: object, dialect: CallDialect = 'chat', headers: string[] = []): string[] {
  const members = membersOf(dialect, Buffer.from(JSON.stringify(request)))
  if (!members) throw new Error('The request is no object.')
  return flagsOfClient(members, dialect, headers)
}

describe('what a client asks for', () => {
  it('is what it wrote with true, and the headers of SGLang', () => {
    expect(asked({ return_token_ids: true })).toEqual(['return_token_ids'])
    expect(asked({ return_token_ids: false, return_logprob: null })).toEqual([])
    expect(asked({}, 'chat', ['X-Sglext-Return-Output-Ids', '1'])).toEqual(['x-sglext-return-output-ids'])
    expect(asked({ parameters: { details: true } }, 'generate')).toEqual(['parameters.details'])
    expect(asked({ messages: [{ content: '"return_token_ids": true' }] })).toEqual([])
  })

  it('is nothing where llama.cpp would not hear it', () => {
    expect(asked({ return_tokens: true })).toEqual([])
    expect(asked({ return_tokens: true, verbose: true })).toEqual(['return_tokens'])
    expect(asked({ return_tokens: true }, 'generate')).toEqual(['return_tokens'])
  })
})
