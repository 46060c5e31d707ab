// The OpenAI SDK's client, versions 4 to 7: its one method through which every request goes, whichever resource,
// helper or raw response asked for it. Clients with a `fetch` of their own, those made before the hooks, and version 4,
// which brings its own, are seen here and not at the global one.
import type { CallContext } from './call.ts'
import { observed } from './fetch-hook.ts'
import { type Patch, patchMethod, prototypeWith } from './patch.ts'

/** Versions that were tried. */
const known = /^[4-7]\./

/** Every request goes through it. */
const METHOD = 'fetchWithTimeout'

/** Patches the client class (`OpenAI`; of version 4 its base `APIClient`), or the one of these that it extends. */
export function patchOpenAI(
  exported: unknown,
  version: string | undefined,
  context: CallContext,
): Patch | undefined {
  const prototype = prototypeWith(exported, METHOD)
  const patch =
    prototype &&
    patchMethod(
      prototype,
      METHOD,
      (original) =>
        function (this: unknown, ...args: unknown[]) {
          const [url, init, ...others] = args
          const send = (sent: RequestInit | undefined) =>
            original.call(this, url, sent, ...others) as Promise<Response>
          return observed(url, init as RequestInit | undefined, send, context)
        },
    )
  const name = `openai ${version ?? 'of an unknown version'}`
  if (!patch) warnOfUnknown(name, context)
  else if (version !== undefined && !known.test(version))
    context.voice.warn(`${name} is newer than the hooks: its client looks as expected, ids are collected`)
  else context.voice.debug(`${name}: client patched`)
  return patch
}

/** Says what still works with an OpenAI SDK whose client was not found. */
export function warnOfUnknown(name: string, { voice }: CallContext): void {
  voice.warn(
    `${name}: its client is unknown. Calls through the global fetch are seen; ` +
      'those of clients with a fetch of their own, or made before the hooks, are not',
  )
}
