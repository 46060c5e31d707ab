// Error replies are read before they are passed: they may be about a flag that the client never sent.
import type { UpstreamReply } from './upstream-client.ts'

/** An error reply longer than this is passed on without a look for flags in it. */
const ERROR_BYTES = 64 * 1024

/** Reads an error reply, and gives it back as one that can still be relayed. */
export async function readError(
  reply: UpstreamReply,
): Promise<{ readonly text: string | undefined; readonly reply: UpstreamReply }> {
  const parts: Buffer[] = []
  let length = 0
  let failure: Error | undefined
  await new Promise<void>((resolve) => {
    reply.read({
      data: (chunk) => {
        parts.push(chunk)
        length += chunk.length
      },
      end: resolve,
      failed: (error) => {
        failure = error
        resolve()
      },
    })
  })
  const text = failure || length > ERROR_BYTES ? undefined : Buffer.concat(parts).toString()
  return {
    text,
    reply: {
      ...reply,
      pause: () => undefined,
      resume: () => undefined,
      read: (sink) => {
        for (const part of parts) sink.data(part)
        if (failure) sink.failed(failure)
        else sink.end()
      },
    },
  }
}
