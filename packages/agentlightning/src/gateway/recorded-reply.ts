// What a recorded reply says: its tokens, what went wrong, and what is known for the verdict on it.
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { type CallFacts, type CallTokens, extractReply } from '../token-ids/index.ts'
import { replyError } from '../trace/calls/reply-error.ts'
import { errorLine } from '../trace/error-line.ts'
import type { CallEnd, RecordedHeaders } from './record.ts'

/** A reply that unpacks to more is left as it is. */
const MOST_BYTES = 256 * 1024 * 1024

const unpack: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
}

/** The value of a recorded header; the first where there are several. */
export function recordedHeader(headers: RecordedHeaders, name: string): string | undefined {
  return headers.find(([key]) => key === name)?.[1]
}

/** The body without its content encoding (a server may compress although it is asked not to); as it is where that cannot be undone. */
export function plainBody(headers: RecordedHeaders, body: Buffer): Buffer {
  const encoding = recordedHeader(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity'
  const decode = Object.hasOwn(unpack, encoding) ? unpack[encoding] : undefined
  if (!decode) return body
  try {
    return decode(body, { maxOutputLength: MOST_BYTES })
  } catch {
    // Broken off, or not what its header says.
    return body
  }
}

/** What is known for the verdict on a recorded reply. */
export function factsOf(
  head: CallEnd,
  tokens: CallTokens,
  owner: { readonly rollout?: string | undefined; readonly run?: string | undefined },
): CallFacts {
  const isOwned = owner.rollout !== undefined || owner.run !== undefined || head.parentSpanId !== undefined
  return {
    source: 'gateway',
    tokens,
    dialect: head.dialect,
    ...(head.backend === undefined ? {} : { backend: head.backend }),
    streamed: head.stream,
    ...(head.n === undefined ? {} : { n: head.n }),
    ...flagSent(head),
    refusedFlags: head.refusedFlags,
    status: head.status,
    outcome: head.outcome,
    truncated: head.truncated,
    attributed: isOwned,
  }
}

/** Whether the server was asked for ids, by the client or for it; nothing where that is not known. */
function flagSent({ added, asked }: CallEnd): { flagSent?: boolean } {
  if (added.length > 0) return { flagSent: true }
  return asked === undefined ? {} : { flagSent: asked.length > 0 }
}

/** Reads the tokens of a recorded reply. */
export function replyTokens(head: CallEnd, body: Buffer): CallTokens {
  const contentType = recordedHeader(head.responseHeaders, 'content-type')
  return extractReply(plainBody(head.responseHeaders, body), {
    ...(contentType === undefined ? {} : { contentType }),
    dialect: head.dialect,
    streamed: head.stream,
    ended: head.outcome === 'complete',
  })
}

/** What went wrong, in one line. A client that left is no error: agents stop reading when they have what they want. */
export function replyFailure(head: CallEnd, body: Buffer): string | undefined {
  if (head.outcome === 'client_left') return undefined
  if (head.outcome !== 'complete') return errorLine(head.error ?? head.outcome.replace('_', ' '))
  if (head.status < 400) return undefined
  const told = replyError(plainBody(head.responseHeaders, body))
  return errorLine(told === undefined ? `HTTP ${head.status}` : `HTTP ${head.status}: ${told}`)
}
