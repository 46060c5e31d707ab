// The AgentOps SDK for JavaScript, 0.1.0: it makes spans of `@openai/agents` after the call, so that ids wait for them
// by response id, and its hosts are constants unless the program names others.
import { objectOf } from '../token-ids/json.ts'
import type { CallContext } from './call.ts'
import { type Patch, patchMethod, prototypeOf } from './patch.ts'
import type { Remembered } from './recorder.ts'

/** What it takes from a finished item of the agent framework to know the call. */
interface AgentItem {
  readonly spanData?: { readonly type?: string; readonly output?: unknown; readonly response_id?: unknown }
}

interface OtelTracer {
  startSpan(name: string, options?: { attributes?: object }, ...others: unknown[]): unknown
}

/** Patches what sets the exporter up: from then on the calls of agents get their spans from it. */
export function patchSetup(exported: unknown, onSetUp: () => void): Patch | undefined {
  const prototype = prototypeOf(exported)
  return (
    prototype &&
    patchMethod(
      prototype,
      'setup',
      (original) =>
        function (this: unknown, ...args: unknown[]) {
          const result = original.apply(this, args)
          onSetUp()
          return result
        },
    )
  )
}

/**
 * Patches the exporter: the spans of model calls begin with their ids. `onSpan`: it makes one, so that it is set up,
 * before the hooks perhaps.
 */
export function patchExporter(
  exported: unknown,
  memory: Remembered,
  context: CallContext,
  onSpan: () => void,
): Patch | undefined {
  const prototype = prototypeOf(exported)
  return (
    prototype &&
    patchMethod(
      prototype,
      'handleSpan',
      (original) =>
        function (this: unknown, ...args: unknown[]) {
          onSpan()
          const self = this as { instrumentation?: { tracer?: OtelTracer } }
          const ids = responseIdsOf(args[0] as AgentItem)
          const found = ids.map((id) => memory.take(id)).find((attributes) => attributes !== undefined)
          const tracer = self.instrumentation?.tracer
          if (!found || !tracer) return original.apply(this, args)
          context.voice.debug('the AgentOps SDK makes a span: ids are on it')
          // The exporter reads nothing of itself but these members.
          const instrumentation = Object.create(self.instrumentation as object, {
            tracer: { value: withFirst(tracer, found) },
          })
          return original.apply(Object.create(self, { instrumentation: { value: instrumentation } }), args)
        },
    )
  )
}

/** Patches the client: hosts that the program does not name are the local server's. */
export function patchClient(exported: unknown, context: CallContext): Patch | undefined {
  const prototype = prototypeOf(exported)
  const { serverUrl } = context
  if (!prototype || !serverUrl) return undefined
  return patchMethod(
    prototype,
    'init',
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const said = objectOf(args[0]) ?? {}
        const hosts = { apiEndpoint: serverUrl, otlpEndpoint: serverUrl }
        const turned = Object.keys(hosts).filter((name) => said[name] === undefined)
        if (turned.length > 0)
          context.voice.warn(`the AgentOps SDK sends to ${serverUrl} (${turned.join(', ')} were not given)`)
        return original.call(this, { ...hosts, ...said }, ...args.slice(1))
      },
  )
}

function responseIdsOf({ spanData }: AgentItem): string[] {
  const outputs = Array.isArray(spanData?.output) ? spanData.output : []
  const ids = [spanData?.response_id, ...outputs.map((output) => objectOf(output)?.id)]
  return ids.filter((id) => typeof id === 'string')
}

function withFirst(tracer: OtelTracer, attributes: object): OtelTracer {
  return {
    startSpan: (name, options, ...others) =>
      tracer.startSpan(
        name,
        { ...options, attributes: { ...attributes, ...options?.attributes } },
        ...others,
      ),
  }
}
