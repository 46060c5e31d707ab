// What a call's request is given on its way: the flags for token ids, unless the upstream is known to refuse them.
import type { CallDialect } from '../token-ids/types.ts'
import {
  askFor,
  type Backend,
  type CutRules,
  cutRulesFor,
  type InsertedMember,
  insertMembers,
  type RequestMembers,
  readRequest,
} from './bytes/index.ts'
import { type FlatHeaders, headerOf } from './headers.ts'
import { refusedBy, type Upstream } from './upstreams.ts'

/** A request as it is sent, and what was added to it. */
export interface Asked {
  readonly body: Buffer
  readonly headers: readonly (readonly [string, string])[]
  /** Names of the flags added. */
  readonly added: readonly string[]
}

/** Dialects whose requests are read: the bodies of others may be anything. */
const readable: readonly CallDialect[] = [
  'chat',
  'completions',
  'responses',
  'messages',
  'embeddings',
  'generate',
]

/** Reads the members of a request that matter here; `undefined` when it is no JSON object. */
export function membersOf(dialect: CallDialect, body: Buffer): RequestMembers | undefined {
  if (!readable.includes(dialect) || body.length === 0) return undefined
  const members = readRequest(body)
  return members.kind === 'object' ? members : undefined
}

/** True when flags may be added, so that it matters what the upstream is. */
export function isAsked(dialect: CallDialect, upstream: Upstream): boolean {
  return dialect !== 'other' && dialect !== 'embeddings' && upstream.settings.ask !== 'never'
}

/** Adds the flags that suit an upstream. */
export function ask(
  upstream: Upstream,
  backend: Backend,
  dialect: CallDialect,
  members: RequestMembers | undefined,
  body: Buffer,
  raw: FlatHeaders,
): Asked {
  const nothing: Asked = { body, headers: [], added: [] }
  if (!members || !isAsked(dialect, upstream)) return nothing
  if (refusedBy(upstream, dialect, members.stream === true).length > 0) return nothing
  const { ask: wanted, logprobs } = upstream.settings
  const question =
    typeof wanted === 'object'
      ? { members: named(wanted, members), headers: [], names: wanted.filter((name) => !members.has(name)) }
      : askFor(backend, dialect, members, {
          logprobs: logprobs ?? false,
          clientHeader: (name) => headerOf(raw, name),
        })
  if (question.names.length === 0) return nothing
  const parts = question.members.length > 0 ? insertMembers(body, question.members) : [body]
  // All or nothing: half a question would be recorded as a whole one.
  if (parts === undefined) return nothing
  const whole = parts.length === 1 ? Buffer.from(parts[0] as Uint8Array) : Buffer.concat(parts)
  return { body: whole, headers: question.headers, added: question.names }
}

/** What to cut from the reply; `undefined` for nothing. */
export function rulesFor(
  backend: Backend,
  dialect: CallDialect,
  streamed: boolean,
  added: readonly string[],
  members: RequestMembers | undefined,
): CutRules | undefined {
  if (added.length === 0) return undefined
  return cutRulesFor(backend, dialect, { streamed, added, ...(members ? { request: members } : {}) })
}

/** True when an error's text names a flag that was added. */
export function namesFlag(text: string, added: readonly string[]): boolean {
  return added.some((name) => text.includes(name.split('.').at(-1) as string))
}

function named(flags: readonly string[], members: RequestMembers): InsertedMember[] {
  return flags.filter((name) => !members.has(name)).map((name) => ({ name, json: 'true' }))
}
