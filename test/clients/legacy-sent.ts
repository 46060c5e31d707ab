// What the requests of an SDK before 0.4 say must be found, worked out apart from the server.

/** The parts of a request that say what it is. */
interface Request {
  readonly url: string
  readonly body: string | null
}

type Sent = Readonly<Record<string, unknown>>

/** The objects that must be found: every event once, every agent, and of each session the last word on it. */
export function sentObjects(requests: readonly Request[]): Sent[] {
  const objects = new Map<string, Sent>()
  requests.forEach(({ url, body }, at) => {
    const parsed = JSON.parse(body ?? '{}') as { session?: Sent; events?: Sent[]; id?: string }
    if (parsed.session) objects.set(`session ${parsed.session.session_id}`, withoutToken(parsed.session))
    for (const [index, event] of (parsed.events ?? []).entries())
      objects.set(`event ${event.id ?? `${at} ${index}`}`, event)
    if (/(create_agent|agents)$/.test(url)) objects.set(`agent ${parsed.id}`, parsed as Sent)
  })
  return [...objects.values()]
}

/** What is shown of a session is without its token. */
function withoutToken(session: Sent): Sent {
  return typeof session.jwt === 'string' ? { ...session, jwt: 'removed' } : session
}

/** The trace id of the session that the first request opens. */
export function firstTrace(requests: readonly Request[]): string {
  const { session } = JSON.parse(requests[0]?.body ?? '') as { session: { session_id: string } }
  return session.session_id.replaceAll('-', '')
}

/** Sums of the token counts in all events that were sent for the first session. */
export function sentTokens(requests: readonly Request[]): number[] {
  const calls = sentObjects(requests).filter((sent) => 'prompt_tokens' in sent)
  return ['prompt_tokens', 'completion_tokens'].map((field) =>
    calls.reduce((sum, call) => sum + Number(call[field] ?? 0), 0),
  )
}
