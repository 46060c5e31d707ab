// The OpenAI SDK's client, versions 4 to 7: its one method through which every request goes, whichever resource,
// helper or raw response asked for it. Clients with a `fetch` of their own, those made before the hooks, and version 4,
// which brings its own, are seen here and not at the global one.
import type { CallContext } from './call.ts'
import { observed } from './fetch-hook.ts'
import { type Patch, patchMethod, prototypeOf } from './patch.ts'

/** Versions that were tried. */
const known = /^[4-7]\./

/** Patches the client class (`OpenAI`; of version 4 its base `APIClient`). */
export function patchOpenAI(
  exported: unknown,
  version: string | undefined,
  context: CallContext,
): Patch | undefined {
  const prototype = prototypeOf(exported)
  if (!prototype) return undefined
  const patch = patchMethod(
    prototype,
    'fetchWithTimeout',
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const [url, init, ...others] = args
        const send = (sent: RequestInit | undefined) =>
          original.call(this, url, sent, ...others) as Promise<Response>
        return observed(url, init as RequestInit | undefined, send, context)
      },
  )
  const name = `openai ${version ?? 'of an unknown version'}`
  if (!patch)
    context.voice.warn(
      `${name}: its client is unknown. Calls through the global fetch are seen; ` +
        'those of clients with a fetch of their own, or made before the hooks, are not',
    )
  else if (version !== undefined && !known.test(version))
    context.voice.warn(`${name} is newer than the hooks: its client looks as expected, ids are collected`)
  else context.voice.debug(`${name}: client patched`)
  return patch
}
