// What can be said of the token ids of a call. The numbers are stored: never renumber, never reuse one.

interface Code {
  readonly number: number
  /** The ids can be trained on. */
  readonly ok: boolean
  readonly sentence: string
  /** What to do about it; empty when there is nothing to do. */
  readonly todo: string
}

const table = {
  'ids.complete': {
    number: 1,
    ok: true,
    sentence: 'The prompt and every choice have their token ids.',
    todo: '',
  },
  'ids.not_applicable': {
    number: 2,
    ok: true,
    sentence: 'A call of this kind generates no tokens.',
    todo: '',
  },
  'ids.none': {
    number: 10,
    ok: false,
    sentence: 'The reply has no token ids, though they were asked for.',
    todo: 'Look at the recorded reply. If the server is one that can give ids, check its version and what stands before it.',
  },
  'ids.flag_not_sent': {
    number: 11,
    ok: false,
    sentence: 'The request did not ask for token ids.',
    todo: 'Send return_token_ids: true in the body, or let the gateway add it.',
  },
  'ids.flag_refused': {
    number: 12,
    ok: false,
    sentence: 'The server refused the field that asks for token ids, so the request was repeated without it.',
    todo: 'Use a server that gives token ids on this route.',
  },
  'ids.backend_cannot': {
    number: 13,
    ok: false,
    sentence: 'This server gives no token ids on this route.',
    todo: 'Use a route or a server that gives token ids, such as /v1/chat/completions of vLLM.',
  },
  'ids.stripped_by_proxy': {
    number: 14,
    ok: false,
    sentence:
      'The server behind it gives token ids when asked, but none arrived: a proxy in between removes them.',
    todo: 'Point the gateway at the model server itself, or let the proxy pass return_token_ids and token_ids.',
  },
  'ids.stream_without_ids': {
    number: 15,
    ok: false,
    sentence: 'The stream carries no token ids.',
    todo: 'Ask for the reply without a stream, or connect to the model server without the proxy in between.',
  },
  'ids.stream_incomplete': {
    number: 16,
    ok: false,
    sentence: 'The stream carries only some of the token ids.',
    todo: 'Do not train on it. Ask for the reply without a stream, or connect to the model server directly.',
  },
  'ids.attribute_cap': {
    number: 17,
    ok: false,
    sentence: 'The span lost attributes to a limit of its SDK, and token ids are missing.',
    todo: 'Raise OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT in the program, or call the model through the gateway.',
  },
  'ids.unfinished': {
    number: 18,
    ok: false,
    sentence: 'The reply broke off or was given up, so that its token ids are a beginning at most.',
    todo: 'Read the stream to its end. If it breaks off often, look for time limits in the program, the server and the proxies.',
  },
  'ids.conflict': {
    number: 19,
    ok: false,
    sentence: 'Two sources give different token ids for this call.',
    todo: 'Compare both: the reply as the gateway recorded it is what the server sent.',
  },
  'ids.usage_mismatch': {
    number: 20,
    ok: false,
    sentence: 'The number of token ids is not the number of tokens that the server counted.',
    todo: 'Do not train on it before you know why: a proxy, a parser or a recorder may have dropped some.',
  },
  'ids.no_prompt': {
    number: 21,
    ok: false,
    sentence: 'The response has token ids, the prompt has none.',
    todo: 'Ask for the prompt ids as well, or take them from the tokenize route of the server.',
  },
  'ids.no_response': {
    number: 22,
    ok: false,
    sentence: 'The prompt has token ids, the response has none.',
    todo: 'Call the model through the gateway, which reads the ids of every choice.',
  },
  'ids.choice_missing': {
    number: 23,
    ok: false,
    sentence: 'Some choices have token ids, others have none.',
    todo: 'Train on the choices that have them, or call the model through the gateway, which reads all choices.',
  },
  'ids.unreadable': {
    number: 24,
    ok: false,
    sentence: 'There is something in place of token ids, but it is no list of them.',
    todo: 'Look at the problems named with the call. They show the place in the reply.',
  },
  'ids.lossy': {
    number: 25,
    ok: false,
    sentence: 'The ids come from a source that leaves some of them out: logprobs.',
    todo: 'Ask for the ids themselves: with llama.cpp, verbose and return_tokens in a body without stream.',
  },
  'ids.logprobs_mismatch': {
    number: 26,
    ok: false,
    sentence: 'The token ids and the logprobs of a choice differ in number.',
    todo: 'Use the ids without the logprobs, or ask for both again.',
  },
  'ids.record_truncated': {
    number: 27,
    ok: false,
    sentence: 'The reply outgrew what is kept of it.',
    todo: 'Raise the limit for recorded replies.',
  },
  'ids.not_on_span': {
    number: 28,
    ok: false,
    sentence: 'The span of this call has no token ids: nothing recorded them.',
    todo: 'Call the model through the gateway, or load the hooks in the program.',
  },
  'ids.not_in_event': {
    number: 29,
    ok: false,
    sentence:
      'The event of this call has no token ids: the SDK did not keep the reply, or the server sent none.',
    todo: 'Ask the server for ids. If the SDK is 0.3.26 or newer, or the call is streamed or raw, use the gateway.',
  },
  'call.failed': {
    number: 40,
    ok: false,
    sentence: 'The call failed.',
    todo: 'See the status and the error of the reply.',
  },
  'call.cancelled': {
    number: 41,
    ok: false,
    sentence: 'The client left before the reply was complete.',
    todo: 'Look for a time limit in the client.',
  },
  'call.no_end': {
    number: 42,
    ok: false,
    sentence: 'The call was announced, and nothing is known of its end.',
    todo: 'It is running, or the recorder was killed while it ran.',
  },
  'call.not_attributed': {
    number: 43,
    ok: false,
    sentence: 'The call has its token ids, but belongs to no rollout.',
    todo: 'Use the base URL of the rollout, or send its headers.',
  },
} as const satisfies Record<string, Code>

/** The name of a verdict. */
export type VerdictCode = keyof typeof table

/** What can be said of the token ids of a call. */
export interface Verdict {
  readonly code: VerdictCode
  /** Stands for the code in a store; never renumbered. */
  readonly number: number
  /** The ids can be trained on. */
  readonly ok: boolean
  readonly sentence: string
  /** Of this very call, e.g. `4 response ids, 5 counted by the server`. */
  readonly detail?: string
  /** What to do about it; empty when there is nothing to do. */
  readonly todo: string
}

/** The verdict of a code, with what is special about one call. */
export function verdict(code: VerdictCode, detail?: string, todo?: string): Verdict {
  const entry: Code = table[code]
  return { code, ...entry, todo: todo ?? entry.todo, ...(detail === undefined ? {} : { detail }) }
}

/** Every code, in the order of their numbers. */
export const verdictCodes = Object.keys(table) as readonly VerdictCode[]

const byNumber = new Map<number, VerdictCode>(verdictCodes.map((code) => [table[code].number, code]))

/** The code that a stored number stands for. */
export function verdictCode(number: number): VerdictCode | undefined {
  return byNumber.get(number)
}
