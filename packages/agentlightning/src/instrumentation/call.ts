// One call of a model from its request to the end of its reply.
import { type CallRecorder, type RecorderContext, recorderFor } from './recorder.ts'
import { type ReadReply, ReplyReader } from './reply.ts'
import {
  goesToGateway,
  type ModelRequest,
  refusalKey,
  refusesFlag,
  withFlag,
  withTraceparent,
} from './request.ts'
import { reasonOf, type Voice } from './settings.ts'
import { traceparentOf } from './spans/otel.ts'
import { tapResponse } from './tap.ts'

/** `fetch`, or what stands for it. */
export type Send = (init: RequestInit | undefined) => Promise<Response>

/** What all calls share. */
export interface CallContext extends RecorderContext {
  readonly requestFlag: boolean
  readonly voice: Voice
  /** The server that traces go to, where the environment names one. */
  readonly serverUrl: string | undefined
  /** Where the flag was refused. */
  readonly refused: Set<string>
}

/** A refusal longer than this is not read. */
const REFUSAL = 64 * 1024
const BUFFERED = 16 * 1024

/** Makes a call and records what its reply says. What `send` gives or throws is the caller's. */
export async function makeCall(
  request: ModelRequest,
  init: RequestInit | undefined,
  send: Send,
  context: CallContext,
): Promise<Response> {
  const call = await begin(request, init, context)
  if (!call) return send(init)
  let response: Response
  try {
    response = await call.recorder.run(() => send(call.flagged ?? call.init))
    if (call.flagged)
      response = await withoutRefusal(
        request,
        response,
        () => call.recorder.run(() => send(call.init)),
        context,
      )
  } catch (error) {
    quietly(context.voice, () => call.recorder.fail(error))
    throw error
  }
  quietly(context.voice, () => listen(call, request, response))
  return response
}

interface Call {
  readonly recorder: CallRecorder
  /** The options without the flag. */
  readonly init: RequestInit | undefined
  /** The same with it; absent where the server is not asked. */
  readonly flagged: RequestInit | undefined
  /** Set when there is a reply. */
  reader: ReplyReader | undefined
}

function begin(request: ModelRequest, init: RequestInit | undefined, context: CallContext): Call | undefined {
  return quietly(context.voice, () => {
    const soFar = (): ReadReply | undefined => call?.reader?.soFar()
    const recorder = recorderFor(request, context, soFar)
    if (!recorder) return undefined
    const asks =
      context.requestFlag &&
      // It asks by itself, in the way of the server behind it.
      !goesToGateway(request, context.serverUrl) &&
      !context.refused.has(refusalKey(request))
    const named = nameSpan(recorder, request, init, context)
    const flagged = asks ? withFlag(request, named) : undefined
    const call: Call = { recorder, init: named, flagged, reader: undefined }
    context.voice.debug(
      `${request.api} call of ${request.url.origin}: ids go on ${recorder.way}` +
        `${flagged ? ', asked for by return_token_ids' : ''}`,
    )
    return call
  })
}

/** Tells our gateway which span the call is: its record is joined to it also where no reply names an id. */
function nameSpan(
  { span }: CallRecorder,
  request: ModelRequest,
  init: RequestInit | undefined,
  { voice, serverUrl }: CallContext,
): RequestInit | undefined {
  const named = quietly(voice, () => {
    const traceparent = span && goesToGateway(request, serverUrl) ? traceparentOf(span) : undefined
    return traceparent === undefined ? init : withTraceparent(init, traceparent)
  })
  return named ?? init
}

/** The response, or that to the request as the program wrote it, when it is a refusal of what we added. */
async function withoutRefusal(
  request: ModelRequest,
  response: Response,
  again: () => Promise<Response>,
  { voice, refused }: CallContext,
): Promise<Response> {
  if (response.status !== 400 && response.status !== 422) return response
  const text = await refusalOf(response)
  if (!refusesFlag(response.status, text)) return response
  refused.add(refusalKey(request))
  voice.debug(`${request.url.origin} refuses return_token_ids: asked again without, and from now on`)
  void response.body?.cancel?.().catch(() => {})
  return again()
}

async function refusalOf(response: Response): Promise<string> {
  try {
    const length = response.headers.get('content-length')
    if (Number(length ?? 0) > REFUSAL) return ''
    // A copy of a response of node-fetch stands still when the other one is not read, beyond what it buffers.
    if (!(response instanceof Response) && (length === null || Number(length) > BUFFERED)) return ''
    return await response.clone().text()
  } catch {
    return ''
  }
}

function listen(call: Call, request: ModelRequest, response: Response): void {
  const { recorder } = call
  if (!response.ok) {
    recorder.fail(new Error(`HTTP ${response.status}`))
    return
  }
  call.reader = new ReplyReader({
    streamed: (response.headers.get('content-type') ?? '').includes('event-stream'),
    wantsLogprobs: request.body.logprobs === true,
    messages: recorder.messages,
    onFirst: (tokens) => recorder.first(tokens),
    onEnd: (reply) => recorder.reply(reply),
  })
  tapResponse(response, call.reader)
}

/** What the hooks do must not reach the program: a failure is a line for who debugs. */
export function quietly<T>(voice: Voice, work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    voice.debug(`a hook failed: ${reasonOf(error)}`)
    return undefined
  }
}
