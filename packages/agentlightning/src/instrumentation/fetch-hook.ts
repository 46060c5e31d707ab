// The global `fetch`: what the OpenAI SDK, the AI SDK and LangChain send their requests with unless told otherwise.
import { AsyncLocalStorage } from 'node:async_hooks'
import { type CallContext, makeCall, quietly, type Send } from './call.ts'
import { modelRequest } from './request.ts'

/** Set while a request is looked at further up already, so that it is not looked at twice. */
const inside = new AsyncLocalStorage<true>()

/** Sends a request with the call it makes observed; as it is when it makes none. */
export function observed(
  input: unknown,
  init: RequestInit | undefined,
  send: Send,
  context: CallContext,
): Promise<Response> {
  if (inside.getStore()) return send(init)
  const request = quietly(context.voice, () => modelRequest(input, init))
  if (!request) return send(init)
  return makeCall(request, init, (sent) => inside.run(true, () => send(sent)), context)
}

/** Replaces the global `fetch`; the function that is returned puts the one from before back. */
export function hookFetch(context: CallContext): () => void {
  const original = globalThis.fetch
  if (typeof original !== 'function') return () => {}
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'fetch')
  let active = true
  const fetch = function fetch(this: unknown, ...args: Parameters<typeof globalThis.fetch>) {
    const [input, init] = args
    const send: Send = (sent) =>
      sent === init
        ? original.apply(this as typeof globalThis, args)
        : original.call(this as typeof globalThis, input, sent)
    if (!active) return send(init)
    return quietly(context.voice, () => vendorReply(input, context)) ?? observed(input, init, send, context)
  }
  globalThis.fetch = fetch
  return () => {
    active = false
    // Whoever replaced it after us goes on calling ours, which does nothing any more.
    if (globalThis.fetch !== fetch) return
    if (descriptor) Object.defineProperty(globalThis, 'fetch', descriptor)
    else globalThis.fetch = original
  }
}

const VENDOR_TRACES = 'https://api.openai.com/v1/traces/ingest'

/** `@openai/agents` sends its traces to its vendor, too: with a server of one's own they stay here. */
function vendorReply(input: string | URL | Request, context: CallContext): Promise<Response> | undefined {
  if (!context.serverUrl || !String(input instanceof Request ? input.url : input).startsWith(VENDOR_TRACES))
    return undefined
  context.voice.warn('traces that @openai/agents would send to api.openai.com are not sent')
  return Promise.resolve(new Response(null, { status: 204 }))
}
