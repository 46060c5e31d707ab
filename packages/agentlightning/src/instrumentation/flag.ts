// How a server is asked for token ids: by the flag of vLLM; by SGLang's own members where that refuses it, which are
// its chat streams; or not at all. What a server refuses is remembered.
import type { JsonObject } from '../token-ids/json.ts'

/** A way to ask. `sglext`: the reply then has a frame that the program did not ask for. */
export type Flag = 'return_token_ids' | 'sglext'

const members: Readonly<Record<Flag, readonly string[]>> = {
  return_token_ids: ['return_token_ids'],
  sglext: ['return_input_ids_in_sglext', 'return_output_ids_in_sglext'],
}

/** Whether a program asks by itself, in whichever way. */
export function asksItself(body: JsonObject): boolean {
  return Object.values(members).some((names) => names.some((name) => name in body))
}

/** Whether a program itself asks for the frame with the ids, which comes after all others. */
export function asksForLast(body: JsonObject): boolean {
  return members.sglext.some((name) => name in body)
}

/** The text of a JSON object with a flag at its end. */
export function flaggedText(text: string, flag: Flag): string {
  const end = text.lastIndexOf('}')
  return `${text.slice(0, end)}${members[flag].map((name) => `,${JSON.stringify(name)}:true`).join('')}}`
}

/** The names of a flag's members, for people. */
export function nameOf(flag: Flag): string {
  return members[flag].join(' and ')
}

/**
 * The flag to go on with after an error reply: the same when it is no refusal of it, another one, or undefined for
 * none. SGLang 0.5.23 says of its chat streams that the flag is not supported with streaming.
 */
export function flagAfter(flag: Flag, status: number, body: string): Flag | undefined {
  if (status !== 400 && status !== 422) return flag
  if (!members[flag].some((name) => body.includes(name))) return flag
  return flag === 'return_token_ids' && body.includes('not supported with stream') ? 'sglext' : undefined
}
