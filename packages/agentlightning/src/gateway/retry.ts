// Whether and when a failed call is sent again.

const FIRST_MS = 500
const MOST_MS = 8000
/** A server that asks for more patience is believed up to here. */
const MOST_ASKED_MS = 60_000

/** True for a status that may pass by itself. */
export function mayPass(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500
}

/**
 * Milliseconds before the next attempt: doubling from 0.5 s to 8 s, a quarter more or less, and not before what
 * `Retry-After` says (seconds or a date).
 *
 * @param attempt number of attempts made, from 1
 * @param random in [0, 1)
 */
export function retryDelayMs(
  attempt: number,
  retryAfter: string | undefined,
  nowMs: number,
  random: number,
): number {
  const own = Math.min(FIRST_MS * 2 ** (attempt - 1), MOST_MS) * (0.75 + random / 2)
  const asked = askedMs(retryAfter, nowMs)
  return Math.max(own, Math.min(asked, MOST_ASKED_MS))
}

function askedMs(retryAfter: string | undefined, nowMs: number): number {
  if (retryAfter === undefined) return 0
  const seconds = Number(retryAfter)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(retryAfter)
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMs)
}
