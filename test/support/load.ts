// Clients that post batches as fast as they are answered, and remember what was acknowledged.
import { Agent } from 'node:http'
import { postTraces, type Target } from './http.ts'
import { newTraceId, protobufBody, type SpanInput } from './otlp-bodies.ts'

/** One batch of a client. Its spans are named `BATCH-NUMBER`, and carry the text of `contentOf`. */
export interface Batch {
  readonly traceId: string
  readonly number: number
  readonly spans: number
}

/** Clients at work. */
export interface Load {
  /** Batches that were answered with 200. */
  readonly acknowledged: Batch[]
  /** Batches that were not: refused, or cut off before their answer. */
  readonly others: Batch[]
  /** Statuses of all answers, and how often each came. */
  readonly statuses: ReadonlyMap<number, number>
  /** Resolves at the first answer. */
  readonly begun: Promise<void>
  /** No further batches; resolves when those under way are answered or cut off. */
  stop(): Promise<void>
}

/** Starts `clients` clients, each with a trace of its own and one connection. `random` decides sizes. */
export function startLoad(target: Target, clients: number, random: () => number): Load {
  const acknowledged: Batch[] = []
  const others: Batch[] = []
  const statuses = new Map<number, number>()
  let stopped = false
  let firstAnswer = () => {}
  const begun = new Promise<void>((resolve) => {
    firstAnswer = resolve
  })

  async function client(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const traceId = newTraceId()
    try {
      for (let number = 1; !stopped; number++) {
        const batch = { traceId, number, spans: 1 + Math.floor(random() * 16) }
        // Now and then a body that takes several packets and writes.
        const bytes = random() < 0.1 ? 20_000 : 100
        const body = protobufBody(spansOf(batch, bytes))
        const status = await postTraces(target, body, { agent }).then(
          (answer) => answer.status,
          () => undefined,
        )
        ;(status === 200 ? acknowledged : others).push(batch)
        if (status === undefined) return
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        firstAnswer()
      }
    } finally {
      agent.destroy()
    }
  }

  const running = Promise.all(Array.from({ length: clients }, () => client()))
  return {
    acknowledged,
    others,
    statuses,
    begun,
    async stop() {
      stopped = true
      await running
    },
  }
}

/** The content of a span: begins with its name, so that a mix-up would show. */
export function contentOf(name: string, bytes: number): string {
  return `${name} `.padEnd(bytes, 'x')
}

function spansOf({ traceId, number, spans }: Batch, bytes: number): SpanInput[] {
  return Array.from({ length: spans }, (_, at) => {
    const name = `${number}-${at}`
    const startNs = 1_750_000_000_000_000_000n + BigInt(number * 1000 + at) * 1000n
    return {
      traceId,
      spanId: (BigInt(number) * 1000n + BigInt(at + 1)).toString(16).padStart(16, '0'),
      name,
      startNs,
      endNs: startNs + 500n,
      attributes: { content: contentOf(name, bytes) },
    }
  })
}
