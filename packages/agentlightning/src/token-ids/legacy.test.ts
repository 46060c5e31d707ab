import { describe, expect, it } from 'vitest'
import { legacyReply } from './fixtures/legacy-reply.ts'
import { plain } from './fixtures/replies.ts'
import { tokensOfReturns } from './legacy.ts'

describe('returns of a legacy event', () => {
  it.each([
    ['an object (0.1.12, 0.2.6, 0.3.4)', legacyReply],
    ['the text of one (0.3.14)', JSON.stringify(legacyReply)],
  ])('is the reply, with every choice: %s', (_, returns) => {
    const tokens = tokensOfReturns(returns)
    expect(plain(tokens)).toMatchObject({ prompt: [11, 12], responses: [[40, 41], [42]] })
    expect(tokens).toMatchObject({ responseId: 'chatcmpl-1', model: 'tiny', usage: { completionTokens: 3 } })
  })

  it('of a stream has the prompt and no response', () => {
    const chunk = {
      id: 'c',
      object: 'chat.completion.chunk',
      prompt_token_ids: [11],
      choices: [{ index: 0, delta: { content: 'Yes.' } }],
    }
    expect(plain(tokensOfReturns(JSON.stringify(chunk)))).toMatchObject({
      prompt: [11],
      responses: [undefined],
    })
  })

  it('that the client could not write says so', () => {
    const { problems, choices } = tokensOfReturns('<<non-serializable: LegacyAPIResponse>>')
    expect(choices).toEqual([])
    expect(problems).toEqual([
      'returns: the client kept "<<non-serializable: LegacyAPIResponse>>" in place of the reply',
    ])
  })

  it.each(['', null, undefined])('that is empty (0.3.26: "") has nothing: %s', (returns) => {
    expect(tokensOfReturns(returns)).toEqual({ choices: [], shapes: [], finished: true, problems: [] })
  })
})
