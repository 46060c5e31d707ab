// Writes the records of gateway calls: one when a call starts, one before the last bytes of its reply are sent.
import type { Position, RecordHeader } from '../log/record.ts'
import type { ServerContext } from '../server/context.ts'
import type { Attribution } from './attribution.ts'
import { type CallEnd, type CallStart, encodeCallRecord } from './record.ts'

/** Rollouts remembered as recorded; beyond that one may be recorded twice, which changes nothing. */
const MOST_ROLLOUTS = 100_000

/** What the gateway needs of the log. */
export type RecorderContext = Pick<ServerContext, 'append' | 'log' | 'nowNs' | 'logger'>

type Owner = Pick<Attribution, 'run' | 'rollout' | 'attempt' | 'mode' | 'traceparent' | 'traceId'>

/** Whose call a record is of, as its header says it. */
export interface RecordOwner extends Owner {
  readonly project: string | undefined
  readonly route: string
  readonly userAgent: string | undefined
}

/** The recorder of one gateway. */
export class Recorder {
  /** Calls whose end is in the log, and calls that went without. */
  recorded = 0
  unrecorded = 0
  /** True while the log refuses: then a call is announced before an upstream is bothered with it. */
  refused = false
  readonly #context: RecorderContext
  readonly #rollouts = new Set<string>()
  readonly #pending = new Set<Promise<unknown>>()

  constructor(context: RecorderContext) {
    this.#context = context
  }

  /** Announces a call. Rejects when that cannot be made durable. */
  async start(owner: RecordOwner, head: CallStart, body: Uint8Array): Promise<Position> {
    try {
      const rollout = this.#rollout(owner)
      const started = this.#context.append(headerOf('gatewayStart', owner), encodeCallRecord(head, [body]))
      const [{ start }] = await Promise.all([started, rollout])
      this.refused = false
      return start
    } catch (error) {
      this.refused = true
      throw error
    }
  }

  /** Records the end of a call; resolves with false when the log refused it. */
  end(
    owner: RecordOwner,
    head: CallEnd,
    body: readonly Uint8Array[],
    start: Position | undefined,
  ): Promise<boolean> {
    const header = { ...headerOf('gatewayEnd', owner), ...(start === undefined ? {} : { ref: start }) }
    // Past the admission of new work: what has begun is to be recorded also while the server stops.
    const { log, nowNs } = this.#context
    const appended = log.append({ ...header, receivedNs: nowNs() }, encodeCallRecord(head, body)).then(
      () => {
        this.recorded++
        return true
      },
      (error: unknown) => {
        this.unrecorded++
        this.refused = true
        this.#context.logger.warn({ err: error }, `The end of gateway call ${head.callId} was not recorded`)
        return false
      },
    )
    this.#pending.add(appended)
    return appended.finally(() => this.#pending.delete(appended))
  }

  /** Resolves when everything begun is written. */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  /** Records a rollout at its first call in this server's life. */
  #rollout({ rollout, attempt, run, mode, project }: RecordOwner): Promise<unknown> | undefined {
    if (rollout === undefined) return undefined
    const key = `${project ?? ''}\n${rollout}\n${attempt ?? ''}`
    if (this.#rollouts.has(key)) return undefined
    if (this.#rollouts.size >= MOST_ROLLOUTS) this.#rollouts.clear()
    this.#rollouts.add(key)
    const value = { rollout, attempt, run, mode, createdBy: 'gateway' }
    const appended = this.#context.append(
      {
        kind: 'rollout',
        rollout,
        ...(attempt === undefined ? {} : { attempt }),
        ...(run === undefined ? {} : { run }),
        ...(mode === undefined ? {} : { mode }),
        ...(project === undefined ? {} : { project }),
      },
      [Buffer.from(JSON.stringify(value))],
    )
    appended.catch(() => this.#rollouts.delete(key))
    return appended
  }
}

function headerOf(kind: RecordHeader['kind'], owner: RecordOwner): Omit<RecordHeader, 'receivedNs'> {
  const { project, route, userAgent, run, rollout, attempt, mode, traceparent, traceId } = owner
  return {
    kind,
    route,
    traceId,
    ...(project === undefined ? {} : { project, projectSource: 'path' }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(run === undefined ? {} : { run }),
    ...(rollout === undefined ? {} : { rollout }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(mode === undefined ? {} : { mode }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}
