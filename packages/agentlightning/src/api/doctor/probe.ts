// Whether the model servers behind the gateway answer: any answer will do, an error too.
import type { UpstreamAnswer } from '../../doctor/facts.ts'
import { upstreamPath } from '../../gateway/address.ts'
import type { UpstreamStatus } from '../../gateway/gateway.ts'
import { UpstreamClient } from '../../gateway/upstream-client.ts'

const PATIENCE_MS = 3000
/** An open page asks again and again; the upstreams need not. */
const BELIEVED_MS = 30_000
const MOST_UPSTREAMS = 32

/** Asks upstreams, and remembers for a while what they said. */
export class UpstreamProbe {
  readonly #env: Readonly<Record<string, string | undefined>>
  #asked: { readonly atMs: number; readonly answers: Promise<UpstreamAnswer[]> } | undefined

  /** @param env with the proxies that lead to the upstreams */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env
  }

  /** One answer per upstream, the first 32. Never rejects. */
  ask(upstreams: readonly UpstreamStatus[]): Promise<UpstreamAnswer[]> {
    const now = performance.now()
    if (this.#asked && now - this.#asked.atMs < BELIEVED_MS) return this.#asked.answers
    const answers = askAll(this.#env, upstreams.slice(0, MOST_UPSTREAMS))
    this.#asked = { atMs: now, answers }
    // What was found wrong is asked again at once: somebody is mending it.
    void answers.then((found) => {
      if (found.some(({ error }) => error !== undefined)) this.#asked = undefined
    })
    return answers
  }
}

async function askAll(
  env: Readonly<Record<string, string | undefined>>,
  upstreams: readonly UpstreamStatus[],
): Promise<UpstreamAnswer[]> {
  const client = new UpstreamClient(env)
  try {
    return await Promise.all(upstreams.map((one) => askOne(client, one)))
  } finally {
    await client.close()
  }
}

async function askOne(client: UpstreamClient, { name, url }: UpstreamStatus): Promise<UpstreamAnswer> {
  const headers = ['accept', 'application/json', 'accept-encoding', 'identity']
  const call = client.send({ ...upstreamPath(url, '/v1/models'), method: 'GET', headers, body: null })
  const timer = setTimeout(
    () => call.abort(new Error(`no answer within ${PATIENCE_MS / 1000} s`)),
    PATIENCE_MS,
  )
  try {
    const reply = await call.reply
    const ignored = { data: () => undefined, end: () => undefined, failed: () => undefined }
    reply.read(ignored)
    call.abort(new Error('the answer is enough'))
    return { name, url }
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string }
    return { name, url, error: typeof code === 'string' ? code : (message ?? String(error)) }
  } finally {
    clearTimeout(timer)
  }
}
