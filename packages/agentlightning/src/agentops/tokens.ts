// The bearer tokens of `/v3/auth/token`: HS256, long-lived, because no client ever renews one.
import { createDecoder, createSigner, createVerifier } from 'fast-jwt'

/** Seconds a token lives: ten years. */
const LIFETIME_S = 10 * 365 * 24 * 3600
/** Claim of every token that the hosted API hands out. */
const AUDIENCE = 'authenticated'

/** What a token says. `api_key` is a hash here: the hosted API puts the key itself in. */
export interface TokenClaims {
  readonly exp: number
  readonly aud: string
  readonly project_id: string
  readonly project_prem_status: string
  readonly api_key: string
}

/** Why a token was not taken, in the words of the hosted API. */
export type TokenFault = 'Token has expired' | 'Invalid audience' | 'Invalid token'

/** Hands out and reads tokens. */
export interface Tokens {
  issue(project: string, keyHash: string): string
  read(token: string): TokenClaims | TokenFault
  /** A token of `/v2/create_session`, for one session. */
  issueSession(session: Omit<SessionClaims, 'exp'>): string
  readSession(token: string): SessionClaims | TokenFault
}

/** What the token of a session (AgentOps 0.2 and 0.3) says. It has no audience. */
export interface SessionClaims {
  readonly exp: number
  readonly session_id: string
  readonly project_id: string
  readonly api_key: string
}

/** @param secret kept in the data directory, so that tokens outlive a restart */
export function createTokens(secret: Buffer, nowMs: () => number): Tokens {
  const sign = createSigner({ algorithm: 'HS256', key: secret, noTimestamp: true })
  const verify = createVerifier({ algorithms: ['HS256'], key: secret, cache: 1000 })
  const decode = createDecoder()
  return {
    issue: (project, keyHash) =>
      sign({
        exp: Math.floor(nowMs() / 1000) + LIFETIME_S,
        aud: AUDIENCE,
        project_id: project,
        // Below "pro" the SDKs from 0.4.18 on print a notice about the free plan.
        project_prem_status: 'pro',
        api_key: `sha256:${keyHash}`,
      }),
    issueSession: (session) => sign({ exp: Math.floor(nowMs() / 1000) + LIFETIME_S, ...session }),
    readSession(token) {
      try {
        const claims = verify(token) as Partial<SessionClaims>
        return typeof claims.session_id === 'string' ? (claims as SessionClaims) : 'Invalid token'
      } catch {
        return expired(token) ? 'Token has expired' : 'Invalid token'
      }
    },
    read(token) {
      try {
        const claims = verify(token) as TokenClaims
        return claims.aud === AUDIENCE ? claims : 'Invalid audience'
      } catch {
        return expired(token) ? 'Token has expired' : 'Invalid token'
      }
    },
  }

  function expired(token: string): boolean {
    try {
      const { exp } = decode(token) as { exp?: unknown }
      return typeof exp === 'number' && exp * 1000 < nowMs()
    } catch {
      return false
    }
  }
}
