import { describe, it } from 'vitest'
import { checkBreaks, checkCuts } from './fixtures/cuts.ts'
import { recorded } from './fixtures/replies.ts'

// The quick suite looks at the longer streams at some of their bytes only: the work grows with the square.
describe('a long recorded stream', () => {
  it.each(recorded.filter((each) => each.streamed).map((each) => [each.name, each.body] as const))(
    'cut or broken off at any byte: %s',
    (_, body) => {
      checkCuts(body, 1)
      checkBreaks(body, 1)
    },
  )
})
