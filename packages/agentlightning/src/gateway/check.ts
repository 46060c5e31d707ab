// What an upstream can do, found out by requests for one token.
import { extractReply } from '../token-ids/index.ts'
import { upstreamPath } from './address.ts'
import { detectBackend } from './backend.ts'
import { askFor, type Backend, insertMembers, readRequest } from './bytes/index.ts'
import type { UpstreamSettings } from './settings.ts'
import type { UpstreamClient } from './upstream-client.ts'
import { makeUpstream } from './upstreams.ts'

const PATIENCE_MS = 60_000

/** Whether something works: `yes`, `no`, or in a word what came instead. */
export type Ability = 'yes' | 'no' | (string & {})

/** What was found out about one upstream. */
export interface UpstreamCheck {
  readonly name: string
  readonly url: string
  readonly reachable: boolean
  /** Why it is not. */
  readonly error?: string
  readonly backend?: Backend
  readonly models?: readonly string[]
  /** The model that was asked. */
  readonly model?: string
  readonly idsPlain?: Ability
  readonly idsStreamed?: Ability
  readonly logprobs?: Ability
  /** Several choices in one reply. */
  readonly n?: Ability
  readonly tools?: Ability
}

interface Asked {
  readonly status: number
  readonly body: Buffer
}

/** Checks one upstream with a few requests of one token each, one after the other. */
export async function checkUpstream(
  client: UpstreamClient,
  settings: UpstreamSettings,
  options: { readonly key: string | undefined; readonly model: string | undefined },
): Promise<UpstreamCheck> {
  const about = { name: settings.name, url: settings.url }
  const headers = ['accept-encoding', 'identity', 'content-type', 'application/json']
  if (options.key !== undefined) headers.push('authorization', `Bearer ${options.key}`)

  const send = async (method: 'GET' | 'POST', path: string, body: Buffer | null, extra: string[] = []) => {
    const target = upstreamPath(settings.url, path)
    const call = client.send({ ...target, method, headers: [...headers, ...extra], body })
    const timer = setTimeout(() => call.abort(new Error('no answer within 60 s')), PATIENCE_MS)
    try {
      const reply = await call.reply
      const parts: Buffer[] = []
      await new Promise<void>((resolve, reject) =>
        reply.read({ data: (chunk) => parts.push(chunk), end: resolve, failed: reject }),
      )
      return { status: reply.status, body: Buffer.concat(parts) }
    } finally {
      clearTimeout(timer)
    }
  }

  let listed: Asked
  try {
    listed = await send('GET', '/v1/models', null)
  } catch (error) {
    return { ...about, reachable: false, error: reasonOf(error) }
  }
  const upstream = makeUpstream(settings)
  const backend = await detectBackend(client, upstream, headers)
  const models = modelsOf(listed)
  const model = options.model ?? settings.models?.[0] ?? models[0]
  const found = { ...about, reachable: true, backend, models }
  if (model === undefined) return { ...found, error: 'It lists no model: name one with --model.' }

  const ask = async (extra: object, withIds: boolean, logprobs = false): Promise<Asked | string> => {
    const chat = { model, messages: [{ role: 'user', content: 'Say: a' }], max_tokens: 1, ...extra }
    let body = Buffer.from(JSON.stringify(chat))
    const added: string[] = []
    if (withIds) {
      const members = readRequest(body)
      if (members.kind === 'object') {
        const question = askFor(backend, 'chat', members, { logprobs })
        const parts = question.members.length > 0 ? insertMembers(body, question.members) : undefined
        if (parts) body = Buffer.concat(parts)
        for (const [name, value] of question.headers) added.push(name, value)
      }
    }
    try {
      return await send('POST', '/v1/chat/completions', body, added)
    } catch (error) {
      return reasonOf(error)
    }
  }

  const plain = await ask({}, true)
  const streamed = await ask({ stream: true }, true)
  const logprobs = await ask({ logprobs: true }, false)
  const several = await ask({ n: 2, temperature: 1 }, false)
  const tools = await ask({ tools: [tool] }, false)
  return {
    ...found,
    model,
    idsPlain: judge(plain, (body) => hasIds(body)),
    idsStreamed: judge(streamed, (body) => hasIds(body)),
    logprobs: judge(logprobs, (body) => extractReply(body).choices.some((choice) => choice.logprobs?.length)),
    n: judge(several, (body) => extractReply(body).choices.length === 2),
    tools: judge(tools, () => true),
  }
}

const tool = {
  type: 'function',
  function: { name: 'noop', description: 'Does nothing.', parameters: { type: 'object', properties: {} } },
}

function hasIds(body: Buffer): boolean {
  return extractReply(body).choices.some((choice) => (choice.responseTokenIds?.length ?? 0) > 0)
}

function judge(answer: Asked | string, test: (body: Buffer) => boolean | number | undefined): Ability {
  if (typeof answer === 'string') return answer
  if (answer.status >= 400) return `refused (${answer.status})`
  return test(answer.body) ? 'yes' : 'no'
}

function modelsOf({ status, body }: Asked): string[] {
  if (status !== 200) return []
  try {
    const { data } = JSON.parse(body.toString()) as { data?: unknown }
    if (!Array.isArray(data)) return []
    return data.flatMap((model: unknown) => {
      const id = (model as { id?: unknown } | null)?.id
      return typeof id === 'string' ? [id] : []
    })
  } catch {
    return []
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string }
  return typeof code === 'string' ? code : (message ?? String(error))
}
