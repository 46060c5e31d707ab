// Which servers give token ids, on which routes, and how they are asked. State of November 2026.
import type { CallDialect } from '../types.ts'

/** What one server does on one route. */
export interface Ask {
  /** How to ask for ids; absent where there are none. */
  readonly how?: string
  /** Why there are none, or what else to do. */
  readonly instead?: string
}

type Rule = (dialect: CallDialect, streamed: boolean) => Ask | undefined

const chatOfVllm = 'call /v1/chat/completions of the server with return_token_ids: true'
/** No server gives ids in Anthropic's dialect. */
const noMessages: Ask = { instead: 'call /v1/chat/completions of the server, if that gives token ids' }
const never: Rule = () => ({ instead: 'use a server that gives token ids, such as vLLM or SGLang' })

const rules: Readonly<Record<string, Rule>> = {
  vllm: (dialect) => {
    if (dialect === 'messages') return { instead: chatOfVllm }
    if (dialect === 'responses') return { how: 'send enable_response_messages: true in the body' }
    return { how: 'send return_token_ids: true in the body' }
  },
  sglang: (dialect, streamed) => {
    if (dialect === 'chat' && streamed)
      return {
        how: 'send return_input_ids_in_sglext and return_output_ids_in_sglext, both true, in the body',
      }
    if (dialect === 'generate')
      return { how: 'send return_logprob: true and logprob_start_len: 0, which also give the prompt ids' }
    return dialect === 'messages' || dialect === 'responses'
      ? undefined
      : { how: 'send return_token_ids: true in the body' }
  },
  litellm: (dialect, streamed) => {
    if (streamed) return { instead: 'ask without a stream, or connect to the model server without LiteLLM' }
    if (dialect === 'chat' || dialect === 'completions')
      return { how: 'send return_token_ids: true in the body' }
    return { instead: 'use /v1/chat/completions without a stream' }
  },
  tgi: (dialect) =>
    dialect === 'generate'
      ? { how: 'send details: true and decoder_input_details: true in the parameters' }
      : { instead: 'use /generate with details: true and decoder_input_details: true' },
  'llama.cpp': (dialect, streamed) => {
    if (dialect === 'generate') return { how: 'send return_tokens: true in the body' }
    if (dialect !== 'chat') return { instead: 'use /v1/chat/completions' }
    const how = 'send verbose: true and return_tokens: true in the body of a chat request for one choice'
    return streamed ? { instead: `${how}, without a stream` } : { how }
  },
  'tensorrt-llm': (dialect) =>
    dialect === 'completions'
      ? { how: 'send detokenize: false in the body' }
      : { instead: 'use /v1/completions with detokenize: false' },
  transformers: never,
  ollama: never,
  openai: never,
  azure: never,
  anthropic: never,
  gemini: never,
}

const otherNames: Readonly<Record<string, string>> = {
  llamacpp: 'llama.cpp',
  'llama-server': 'llama.cpp',
  'llama-cpp': 'llama.cpp',
  'text-generation-inference': 'tgi',
  trtllm: 'tensorrt-llm',
  'trtllm-serve': 'tensorrt-llm',
  tensorrt: 'tensorrt-llm',
  'transformers-serve': 'transformers',
  'azure-openai': 'azure',
  google: 'gemini',
}

/** How a server is asked for ids on a route; `undefined` where that is not known. */
export function askOf(
  backend: string | undefined,
  dialect: CallDialect | undefined,
  streamed: boolean,
): Ask | undefined {
  const name = backend?.toLowerCase() ?? ''
  const key = otherNames[name] ?? name
  const known = Object.hasOwn(rules, key) ? rules[key]?.(dialect ?? 'chat', streamed) : undefined
  return known ?? (dialect === 'messages' ? noMessages : undefined)
}
