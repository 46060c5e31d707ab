import type { AskOf } from '../types.ts'

const returnTokens = { name: 'return_tokens', json: 'true' }

/**
 * llama.cpp: only plain replies of one choice. Streams keep the last id of a character alone, and of several choices
 * only the first one's ids are sent.
 */
export const askLlamaCpp: AskOf = (dialect, request) => {
  if (request.stream === true || (request.n ?? 1) > 1) return undefined
  if (dialect === 'generate') return { members: [returnTokens] }
  if (dialect !== 'chat') return undefined
  // A client that switched it off does not get `__verbose`, and tokens go nowhere else.
  if (request.has('verbose') && !request.isTrue('verbose')) return undefined
  return { members: [{ name: 'verbose', json: 'true' }, returnTokens] }
}
