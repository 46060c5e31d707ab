// Every shape, in the order of precedence: for each choice the first shape that found a usable list wins, and
// the ones after it are only compared with it. Ids that a server gives as such stand before ids that are read out
// of logprobs, and of those the lossy ones are last. A new server is a new file and a line here.
//
// Two ways to receive a reply need no shape of their own: the HTTP body behind an SDK's raw response is the reply
// itself, and a list of stream chunks is read as the stream that it was.
import { chatLogprobs } from './chat-logprobs.ts'
import { choicePromptTokenIds } from './choice-prompt-token-ids.ts'
import { choiceResponseTokenIds } from './choice-response-token-ids.ts'
import { choiceTokenIds } from './choice-token-ids.ts'
import { completionsLogprobs } from './completions-logprobs.ts'
import { llamaCppNative } from './llama-cpp-native.ts'
import { llamaCppProbabilities } from './llama-cpp-probabilities.ts'
import { llamaCppVerbose } from './llama-cpp-verbose.ts'
import { logprobIds } from './logprob-ids.ts'
import { nestedPromptTokenIds } from './nested-prompt-token-ids.ts'
import { promptTokenIds } from './prompt-token-ids.ts'
import { providerSpecificFields } from './provider-specific-fields.ts'
import { rawMessages } from './raw-messages.ts'
import { responseTokenIds } from './response-token-ids.ts'
import { responsesLogprobs } from './responses-logprobs.ts'
import { sglangGenerate } from './sglang-generate.ts'
import { sglext } from './sglext.ts'
import type { Shape } from './shape.ts'
import { tgi } from './tgi.ts'
import { tinkerSequences } from './tinker-sequences.ts'
import { tokenIdStrings } from './token-id-strings.ts'

/** Every shape, the preferred ones first. */
export const shapes: readonly Shape[] = [
  promptTokenIds,
  nestedPromptTokenIds,
  choicePromptTokenIds,
  choiceTokenIds,
  choiceResponseTokenIds,
  providerSpecificFields,
  responseTokenIds,
  sglext,
  rawMessages,
  sglangGenerate,
  tgi,
  llamaCppNative,
  llamaCppVerbose,
  tinkerSequences,
  tokenIdStrings,
  llamaCppProbabilities,
  logprobIds,
  chatLogprobs,
  completionsLogprobs,
  responsesLogprobs,
]
