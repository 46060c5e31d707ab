import { FRAMED, INPUT_IDS, OUTPUT_IDS } from '../rules/sglang.ts'
import type { AskOf, AskOptions, RequestMembers } from '../types.ts'

/** SGLang: `return_token_ids`, which chat streams refuse; these have headers of their own. */
export const askSglang: AskOf = (dialect, request, options) => {
  if (dialect === 'chat' && request.stream === true) return { headers: streamHeaders(request, options) }
  const isServed = dialect === 'chat' || dialect === 'completions'
  return isServed ? { members: [{ name: 'return_token_ids', json: 'true' }] } : undefined
}

// The event of its own is asked for only where the client has no eyes on these ids: it would change their place.
function streamHeaders(request: RequestMembers, { clientHeader }: AskOptions): [string, string][] {
  const isSet = (name: string): boolean => clientHeader?.(name) !== undefined
  const input = !isSet(INPUT_IDS) && !request.has('return_input_ids_in_sglext')
  const output = !isSet(OUTPUT_IDS) && !request.has('return_output_ids_in_sglext')
  const wanted = [...(input ? [INPUT_IDS] : []), ...(output ? [OUTPUT_IDS] : [])]
  if (input && output && !isSet(FRAMED)) wanted.push(FRAMED)
  return wanted.map((name) => [name, '1'])
}
