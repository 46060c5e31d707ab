// Writes the records of gateway calls: one when a call starts, one before the last bytes of its reply are sent.
import type { Place, RecordHeader } from '../log/record.ts'
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

  /**
   * Announces a call. Rejects when that cannot be made durable. One that lingers is flushed together with what comes
   * next: where the reply is quick, with the end of its call.
   */
  async start(
    owner: RecordOwner,
    head: CallStart,
    body: Uint8Array,
    options: { readonly place: Place; readonly lingers: boolean },
  ): Promise<void> {
    try {
      const rollout = this.#rollout(owner, options.lingers)
      const payload = encodeCallRecord(head, [body])
      await Promise.all([this.#context.append(headerOf('gatewayStart', owner), payload, options), rollout])
      this.refused = false
    } catch (error) {
      this.refused = true
      throw error
    }
  }

  /** Calls that are announced are to be in the log soon. */
  hurry(): void {
    this.#context.log.hurry()
  }

  /** Records the end of a call; resolves with false when the log refused it. */
  end(owner: RecordOwner, head: CallEnd, body: readonly Uint8Array[], start: Place): Promise<boolean> {
    // Past the admission of new work: what has begun is to be recorded also while the server stops.
    const { log, nowNs } = this.#context
    const header = { ...headerOf('gatewayEnd', owner), receivedNs: nowNs() }
    const refersTo = start.isQueued ? { refersTo: start } : {}
    const appended = log.append(header, encodeCallRecord(head, body), refersTo).then(
      () => {
        this.recorded++
        return true
      },
      (error: unknown) => {
        this.refused = true
        // Without its announcement the call is refused, and nothing of it passes unrecorded.
        if (start.at === undefined) return false
        this.unrecorded++
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
  #rollout(
    { rollout, attempt, run, mode, project }: RecordOwner,
    lingers: boolean,
  ): Promise<unknown> | undefined {
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
      { lingers },
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
