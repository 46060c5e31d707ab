// One call of a model from its request to the end of its reply.
import { withoutExtraFrame } from './extra-frame.ts'
import { asksForLast, type Flag, flagAfter, nameOf } from './flag.ts'
import { type CallRecorder, type RecorderContext, recorderFor } from './recorder.ts'
import { discard, errorText } from './refusal.ts'
import { type ReadReply, ReplyReader } from './reply.ts'
import { goesToGateway, type ModelRequest, refusalKey, withFlag, withTraceparent } from './request.ts'
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
  /** Where a flag was refused, what is asked instead. */
  readonly refused: Map<string, Flag | undefined>
}

/** Makes a call and records what its reply says. What `send` gives or throws is the caller's. */
export async function makeCall(
  request: ModelRequest,
  init: RequestInit | undefined,
  send: Send,
  context: CallContext,
): Promise<Response> {
  const call = await begin(request, init, context)
  if (!call) return send(init)
  const made = (init: RequestInit | undefined): Promise<Response> => call.recorder.run(() => send(init))
  let response: Response
  try {
    response = await made(call.flagged?.init ?? call.init)
    while (call.flagged) {
      const flag = await flagInstead(request, response, call.flagged.flag, context)
      if (flag === call.flagged.flag) break
      call.flagged = flaggedWith(request, call.init, flag)
      discard(response)
      response = await made(call.flagged?.init ?? call.init)
    }
  } catch (error) {
    quietly(context.voice, () => call.recorder.fail(error))
    throw error
  }
  quietly(context.voice, () => {
    try {
      listen(call, request, response)
    } catch (error) {
      // A reply that cannot be listened to is one without ids; its span ends.
      call.reader?.end(false)
      throw error
    }
  })
  if (call.flagged?.flag !== 'sglext' || !response.ok) return response
  return quietly(context.voice, () => withoutExtraFrame(response)) ?? response
}

interface Flagged {
  readonly flag: Flag
  readonly init: RequestInit
}

interface Call {
  readonly recorder: CallRecorder
  /** The options without the flag. */
  readonly init: RequestInit | undefined
  /** The same with it; absent where the server is not asked. */
  flagged: Flagged | undefined
  /** Set when there is a reply. */
  reader: ReplyReader | undefined
}

function begin(request: ModelRequest, init: RequestInit | undefined, context: CallContext): Call | undefined {
  return quietly(context.voice, () => {
    const soFar = (): ReadReply | undefined => call?.reader?.soFar()
    const recorder = recorderFor(request, context, soFar)
    if (!recorder) return undefined
    // Our gateway asks by itself, in the way of the server behind it.
    const asks = context.requestFlag && !goesToGateway(request, context.serverUrl)
    const key = refusalKey(request)
    const flag = context.refused.has(key) ? context.refused.get(key) : 'return_token_ids'
    const named = nameSpan(recorder, request, init, context)
    const flagged = asks ? flaggedWith(request, named, flag) : undefined
    const call: Call = { recorder, init: named, flagged, reader: undefined }
    context.voice.debug(
      `${request.api} call of ${request.url.origin}: ids go on ${recorder.way}` +
        `${flagged ? `, asked for by ${nameOf(flagged.flag)}` : ''}`,
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

function flaggedWith(
  request: ModelRequest,
  init: RequestInit | undefined,
  flag: Flag | undefined,
): Flagged | undefined {
  const flagged = flag && withFlag(request, init, flag)
  return flagged && { flag, init: flagged }
}

/** The flag to ask with after a reply: the same unless the reply is a refusal of it. */
async function flagInstead(
  request: ModelRequest,
  response: Response,
  flag: Flag,
  { voice, refused }: CallContext,
): Promise<Flag | undefined> {
  if (response.status !== 400 && response.status !== 422) return flag
  const instead = flagAfter(flag, response.status, await errorText(response))
  if (instead === flag) return flag
  refused.set(refusalKey(request), instead)
  const how = instead ? `with ${nameOf(instead)}` : 'without'
  voice.debug(`${request.url.origin} refuses ${nameOf(flag)}: asked again ${how}, and from now on`)
  return instead
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
    idsLast: call.flagged?.flag === 'sglext' || asksForLast(request.body),
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
