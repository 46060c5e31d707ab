// Token ids of model calls: out of replies, spans and legacy events, and the verdict on them.
export { assembleReply } from './assemble/index.ts'
export { extractReply } from './extract.ts'
export { tokensOfReturns } from './legacy.ts'
export { packIds, packLogprobs, unpackIds, unpackLogprobs } from './packed.ts'
export { tokensOfSpan } from './spans.ts'
export type { CallTokens, ChoiceTokens } from './types.ts'
export { type Verdict, type VerdictCode, verdictCodes } from './verdict/codes.ts'
export { type CallFacts, judgeCall } from './verdict/judge.ts'
