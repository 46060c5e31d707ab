// What a model server says went wrong, in whichever form it says it.

/** A longer body is no error message. */
const LONGEST = 64 * 1024

/** The message in the body of a failed reply; `undefined` where there is none. */
export function replyError(body: Buffer): string | undefined {
  if (body.length === 0 || body.length > LONGEST) return undefined
  const text = body.toString('utf8')
  try {
    return messageIn(JSON.parse(text)) ?? text
  } catch {
    return text
  }
}

function messageIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return undefined
  const { error, message, detail } = value as Record<string, unknown>
  return messageIn(message) ?? messageIn(error) ?? messageIn(detail)
}
