// Where the model calls of a program go behind the gateway: where they would have gone without it. Pure.
import { AglError } from '../../errors.ts'
import { isHttpUrl } from '../../gateway/settings.ts'
import { isServerUrl } from './server-url.ts'

/** The upstreams that a run brings along; what is absent is the server's business. */
export interface Upstreams {
  readonly openai?: string
  readonly anthropic?: string
}

type Api = keyof Upstreams
type Environment = Readonly<Record<string, string | undefined>>

/** What a client of an API reads, in falling order, and what it takes when there is nothing. */
const apis: Readonly<Record<Api, { readonly names: readonly string[]; readonly usual: string }>> = {
  openai: { names: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'], usual: 'https://api.openai.com/v1' },
  anthropic: { names: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_BASE'], usual: 'https://api.anthropic.com' },
}

/** The variable in which a run leaves the upstream of an API, for runs inside of it. */
export const upstreamVariable: Readonly<Record<Api, string>> = {
  openai: 'AGL_OPENAI_UPSTREAM',
  anthropic: 'AGL_ANTHROPIC_UPSTREAM',
}

/** What follows for a run. */
export interface UpstreamPlan {
  readonly upstreams: Upstreams
  /** APIs whose variables lead through the gateway. */
  readonly through: readonly Api[]
  /** Lines for the user. */
  readonly notes: readonly string[]
}

/**
 * Plans the upstreams of a run.
 *
 * @param flags `URL`, `openai=URL` or `anthropic=URL`; they win over the environment
 * @param server `hasUpstreams`: it was started with some, which then serve OpenAI's API where nothing else is said
 * @throws AGL_BAD_ARGUMENT for a flag that is none of these
 */
export function planUpstreams(
  flags: readonly string[],
  env: Environment,
  server: { readonly url: string; readonly hasUpstreams: boolean },
): UpstreamPlan {
  const given = Object.fromEntries(flags.map(parseFlag)) as Upstreams
  const upstreams: Record<string, string> = {}
  const through: Api[] = []
  const notes: string[] = []
  for (const api of ['openai', 'anthropic'] as const) {
    const { names, usual } = apis[api]
    const name = names.find((each) => env[each]?.trim())
    const url = given[api] ?? (name === undefined ? undefined : env[name]?.trim())
    if (url !== undefined && isServerUrl(url, server.url) && given[api] === undefined) {
      // It says already whose calls they are.
      if (/\/(rollout|proxy)\//.test(new URL(url).pathname)) continue
      const outer = env[upstreamVariable[api]]
      if (outer && isHttpUrl(outer)) upstreams[api] = outer
    } else if (url !== undefined && !isHttpUrl(url)) {
      notes.push(
        `${name} stays as it is: the gateway takes http and https URLs without credentials and query.`,
      )
      continue
    } else if (url !== undefined) upstreams[api] = url
    else if (api === 'openai' && !server.hasUpstreams && azure(env) !== undefined) {
      notes.push(
        `OPENAI_BASE_URL is left unset, since ${azure(env)} is set: clients for Azure refuse to start with both. ` +
          'Hooks alone record calls of OpenAI’s API; `--upstream URL` sends them through the gateway all the same.',
      )
      continue
    } else if (api === 'anthropic' || !server.hasUpstreams) upstreams[api] = usual
    through.push(api)
  }
  return { upstreams, through, notes }
}

/** The variable by which a program speaks to Azure; its clients refuse to start, or go astray, with OPENAI_BASE_URL. */
function azure(env: Environment): string | undefined {
  return ['AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_AD_TOKEN'].find((name) => env[name])
}

function parseFlag(flag: string): readonly [Api, string] {
  const named = /^(openai|anthropic)=(.*)$/.exec(flag)
  const [api, url] = named ? [named[1] as Api, named[2] as string] : (['openai', flag] as const)
  if (isHttpUrl(url)) return [api, url]
  throw new AglError('AGL_BAD_ARGUMENT', {
    what: `\`--upstream ${flag}\` is not understood.`,
    todo: 'Give URL, openai=URL or anthropic=URL, e.g. http://localhost:8000/v1.',
  })
}
