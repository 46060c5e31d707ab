import type { AskOf } from '../types.ts'

/** TGI: the native route, not streaming: its streams carry ids anyway and refuse those of the prompt. */
export const askTgi: AskOf = (dialect, request) => {
  if (dialect !== 'generate' || request.stream === true) return undefined
  if (request.has('parameters.details') && !request.isTrue('parameters.details')) return undefined
  return {
    members: [
      { name: 'details', json: 'true', within: 'parameters' },
      { name: 'decoder_input_details', json: 'true', within: 'parameters' },
    ],
  }
}
