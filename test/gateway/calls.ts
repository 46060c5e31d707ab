// Calls as the API shows them.
import { expect } from 'vitest'
import type { Answer, Target } from '../support/http.ts'
import { getJson } from '../support/read-traces.ts'

/** One call, as far as tests look at it. */
export interface ShownCall {
  readonly call: {
    readonly verdict: string
    readonly backend?: string
    readonly choices?: number
    readonly usage?: { readonly input?: number; readonly output?: number }
  }
  readonly promptTokenIds: readonly number[] | null
  readonly choices: readonly {
    readonly promptTokenIds?: readonly number[] | null
    readonly responseTokenIds: readonly number[] | null
    readonly logprobs: readonly number[] | null
    readonly finishReason: string | null
  }[]
  readonly shapes: readonly string[]
  readonly flagsAdded: readonly string[]
}

/** The call that a reply through the gateway belongs to, once it is indexed. */
export async function shownCall(server: Target, { headers }: Answer): Promise<ShownCall> {
  expect(headers['x-agl-call-id']).toMatch(/^[\da-f-]{36}$/)
  await getJson(server, '/api/v1/position?wait=1')
  return getJson<ShownCall>(server, `/api/v1/calls/${String(headers['x-agl-call-id'])}`)
}
