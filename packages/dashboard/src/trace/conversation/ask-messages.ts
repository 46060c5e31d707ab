// Asks the server what spans of a trace were sent and answered, many at once.
import type { Conversation } from '../../../../agentlightning/src/trace/messages/types.ts'
import { ApiError, getMessages, getSharedMessages } from '../../api.ts'
import type { AskSpans, SpanMessages } from './call-reader.ts'

/** Asks about spans of one trace. What is too large to be answered with others is asked for alone. */
export function askMessages(trace: string): AskSpans {
  return async (spans, signal) => {
    const answer = await getSharedMessages(trace, spans, signal)
    const messages = (places: readonly number[]): Conversation['input'] =>
      places.flatMap((place) => answer.messages[place] ?? [])
    const read = new Map<string, SpanMessages>()
    for (const span of answer.spans) {
      if (!('error' in span))
        read.set(span.spanId, { input: messages(span.input), output: messages(span.output) })
      else if (span.error.code === 'AGL_MESSAGES_TOO_LARGE')
        read.set(span.spanId, await alone(trace, span.spanId, signal))
      else read.set(span.spanId, { error: new ApiError(200, span.error) })
    }
    return read
  }
}

async function alone(trace: string, span: string, signal: AbortSignal): Promise<SpanMessages> {
  try {
    return await getMessages(trace, span, signal)
  } catch (error) {
    return { error }
  }
}
