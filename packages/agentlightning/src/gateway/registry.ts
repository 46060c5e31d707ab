// What callers told the gateway: registered runs, and whether it is paused. Kept in a file of the data directory, so
// that a restart changes nothing for those who hold a run. The keys of rollouts need no keeping: they are signed.
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../server/data-dir/files.ts'
import { equal } from '../server/http/guard.ts'
import type { KnownOwner } from './attribution.ts'

/** Keys of ours begin so; they never leave for an upstream. */
export const KEY_PREFIX = 'agl-'

const run = z.object({
  run: z.string(),
  upstream: z.object({ openai: z.string().optional(), anthropic: z.string().optional() }),
  rollout: z.string().optional(),
  attempt: z.string().optional(),
  tags: z.array(z.string()).optional(),
  startedAt: z.string(),
  /** Its program has ended; what that left behind is still served. */
  endedAt: z.string().optional(),
})

const stored = z.object({
  runs: z.array(run),
  paused: z.object({ retryAfterSeconds: z.number(), reason: z.string() }).optional(),
})

/** A registered run. */
export type GatewayRun = z.infer<typeof run>
/** Why calls are refused for a while. */
export interface Pause {
  readonly retryAfterSeconds: number
  readonly reason: string
}

/** Runs that ended and are still served, at most: the newest. */
const MOST_LEFT = 200

type Stored = z.infer<typeof stored>

/** The registry of one data directory. Changes are on the disk when its methods return. */
export class Registry {
  readonly #path: string
  readonly #runs = new Map<string, GatewayRun>()
  readonly #secret: Buffer
  #paused: Pause | undefined

  /**
   * Reads what an earlier server left; a file that cannot be read counts as none.
   *
   * @param secret of this data directory, with which keys are signed
   */
  constructor(dataDir: string, secret: Buffer, onDamage: (error: unknown) => void) {
    this.#secret = secret
    this.#path = join(dataDir, 'gateway.json')
    try {
      const { runs, paused } = stored.parse(JSON.parse(readFileSync(this.#path, 'utf8')))
      for (const each of runs) this.#runs.set(each.run, each)
      this.#paused = paused
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onDamage(error)
    }
  }

  get paused(): Pause | undefined {
    return this.#paused
  }

  /** Those that have not ended. */
  get runs(): readonly GatewayRun[] {
    return [...this.#runs.values()].filter(({ endedAt }) => endedAt === undefined)
  }

  pause(pause: Pause | undefined): void {
    this.#paused = pause
    this.#save()
  }

  /** One that is served, whether or not it has ended. */
  run(id: string): GatewayRun | undefined {
    return this.#runs.get(id)
  }

  /** Registers a run, in place of an earlier one of this name. */
  addRun(wanted: Omit<GatewayRun, 'run' | 'startedAt'> & { readonly run?: string | undefined }): GatewayRun {
    const entry = { ...wanted, run: wanted.run ?? randomUUID(), startedAt: new Date().toISOString() }
    this.#runs.set(entry.run, entry)
    this.#save()
    return entry
  }

  /** Ends a run; with `isServed` its address goes on for what it left behind. True when there was one. */
  endRun(id: string, isServed = false): boolean {
    const entry = this.#runs.get(id)
    if (!entry) return false
    // The order of the map is then that of the ends.
    this.#runs.delete(id)
    if (isServed) this.#runs.set(id, { ...entry, endedAt: new Date().toISOString() })
    const left = [...this.#runs.values()].filter(({ endedAt }) => endedAt !== undefined)
    for (const { run } of left.slice(0, -MOST_LEFT)) this.#runs.delete(run)
    this.#save()
    return true
  }

  /** A key that stands for a rollout: the same whenever it is asked for, and valid as long as the data directory. */
  keyOf(rollout: string, attempt: string | undefined): string {
    const owner = Buffer.from(JSON.stringify([rollout, attempt])).toString('base64url')
    return `${KEY_PREFIX}${owner}.${this.#sign(owner)}`
  }

  /** Whom a key stands for; `undefined` when it is none of ours. */
  ownerOfKey(key: string): KnownOwner | undefined {
    const [owner = '', signature = '', more] = key.slice(KEY_PREFIX.length).split('.')
    if (!key.startsWith(KEY_PREFIX) || more !== undefined || !equal(signature, this.#sign(owner)))
      return undefined
    const [rollout, attempt] = JSON.parse(Buffer.from(owner, 'base64url').toString()) as [
      string,
      string | null,
    ]
    return { rollout, ...(attempt === null ? {} : { attempt }) }
  }

  #sign(owner: string): string {
    return createHmac('sha256', this.#secret).update(owner).digest('base64url').slice(0, 32)
  }

  #save(): void {
    const value: Stored = {
      runs: [...this.#runs.values()],
      ...(this.#paused ? { paused: this.#paused } : {}),
    }
    replaceFile(this.#path, `${JSON.stringify(value)}\n`)
  }
}
