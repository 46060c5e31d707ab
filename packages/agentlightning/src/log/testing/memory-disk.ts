// A disk in memory that can lose power, fill up and fail: for tests of the log.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk, DiskFile } from '../disk.ts'

const SECTOR = 64

/** Random numbers in [0, 1) from a seed, the same ones each time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What happens at one operation instead of its success. */
export type Fault = 'power-loss' | 'ENOSPC' | 'EIO'

/** One operation that the disk was asked for. */
export interface Operation {
  readonly kind: 'create' | 'open' | 'list' | 'read' | 'remove' | 'flushDirectory' | FileOperation
  readonly name: string
}

type FileOperation = 'write' | 'flush' | 'truncate' | 'close'

/** Thrown by every operation from the loss of power on. */
export class PowerLoss extends Error {}

/** A file: what programs see, what is safe, and what the next flush will make safe. */
interface Inode {
  visible: Buffer
  safe: Buffer
  /** Changes since the last flush; those of a failed flush are no longer among them. */
  pending: ((bytes: Buffer) => Buffer)[]
}

/** A `Disk` in memory. `decide` says for each operation, before it is done, whether it fails and how. */
export class MemoryDisk implements Disk {
  readonly operations: Operation[] = []
  #names = new Map<string, Inode>()
  #safeNames = new Map<string, Inode>()
  #everMade: Inode[] = []
  #lost = false
  readonly #decide: (operation: Operation, index: number) => Fault | undefined

  constructor(decide: (operation: Operation, index: number) => Fault | undefined = () => undefined) {
    this.#decide = decide
  }

  /** True after the power was lost. */
  get lost(): boolean {
    return this.#lost
  }

  async create(name: string): Promise<DiskFile> {
    return this.#do({ kind: 'create', name }, () => {
      if (this.#names.has(name)) throw systemError('EEXIST')
      const inode: Inode = { visible: Buffer.alloc(0), safe: Buffer.alloc(0), pending: [] }
      this.#names.set(name, inode)
      this.#everMade.push(inode)
      return this.#handle(name, inode)
    })
  }

  async open(name: string): Promise<DiskFile> {
    return this.#do({ kind: 'open', name }, () => this.#handle(name, this.#inode(name)))
  }

  async list(): Promise<{ name: string; size: number }[]> {
    return this.#do({ kind: 'list', name: '' }, () =>
      [...this.#names].map(([name, { visible }]) => ({ name, size: visible.length })),
    )
  }

  async read(name: string, offset: number, length: number): Promise<Buffer> {
    return this.#do({ kind: 'read', name }, () =>
      Buffer.from(this.#inode(name).visible.subarray(offset, offset + length)),
    )
  }

  async remove(name: string): Promise<void> {
    return this.#do({ kind: 'remove', name }, () => {
      this.#inode(name)
      this.#names.delete(name)
    })
  }

  async flushDirectory(): Promise<void> {
    return this.#do({ kind: 'flushDirectory', name: '' }, () => {
      this.#safeNames = new Map(this.#names)
    })
  }

  /** Bytes of all files as programs see them. */
  contents(): Map<string, Buffer> {
    return new Map([...this.#names].map(([name, { visible }]) => [name, visible]))
  }

  /** Writes the files into a real directory. */
  dump(directory: string): void {
    for (const [name, bytes] of this.contents()) writeFileSync(join(directory, name), bytes)
  }

  /** The same disk used by a new process: what was not flushed is still seen, and still not safe. */
  restarted(decide?: (operation: Operation, index: number) => Fault | undefined): MemoryDisk {
    const disk = new MemoryDisk(decide)
    disk.#names = this.#names
    disk.#safeNames = this.#safeNames
    disk.#everMade = this.#everMade
    return disk
  }

  /** A disk as the power loss may have left it: all that was flushed, and any part of the rest. */
  afterPowerLoss(
    random: () => number,
    decide?: (operation: Operation, index: number) => Fault | undefined,
  ): MemoryDisk {
    const disk = new MemoryDisk(decide)
    disk.#everMade = [...this.#everMade]
    for (const name of new Set([...this.#names.keys(), ...this.#safeNames.keys()])) {
      const [now, safe] = [this.#names.get(name), this.#safeNames.get(name)]
      const kept = now === safe || random() < 0.5 ? now : safe
      if (kept === undefined) continue
      const bytes = this.#survivor(kept, random)
      const inode: Inode = { visible: bytes, safe: Buffer.from(bytes), pending: [] }
      disk.#names.set(name, inode)
      disk.#safeNames.set(name, inode)
    }
    return disk
  }

  #survivor({ visible, safe }: Inode, random: () => number): Buffer {
    const choice = random()
    if (choice < 0.15) return Buffer.from(safe)
    if (choice < 0.3) return Buffer.from(visible)
    const [shorter, longer] = [Math.min(visible.length, safe.length), Math.max(visible.length, safe.length)]
    const length = shorter + Math.floor(random() * (longer - shorter + 1))
    if (choice < 0.5) return Buffer.from((random() < 0.5 ? visible : safe).subarray(0, length))
    const whole = random() < 0.5 ? longer : length
    const bytes = Buffer.alloc(whole)
    for (let at = 0; at < whole; at += SECTOR) {
      const source =
        [visible, safe, this.#someFile(random), Buffer.alloc(0)][Math.floor(random() * 4)] ?? safe
      source.subarray(at, at + SECTOR).copy(bytes, at)
    }
    // What is safe and was not changed since cannot be lost, whatever happens around it.
    for (let at = 0; at < shorter; at++) if (visible[at] === safe[at]) bytes[at] = safe[at] ?? 0
    return bytes
  }

  // Blocks of a file that was removed before show through where new ones were not written.
  #someFile(random: () => number): Buffer {
    return this.#everMade[Math.floor(random() * this.#everMade.length)]?.visible ?? Buffer.alloc(0)
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name)
    if (inode === undefined) throw systemError('ENOENT')
    return inode
  }

  #handle(name: string, inode: Inode): DiskFile {
    const change = (apply: (bytes: Buffer) => Buffer): void => {
      inode.visible = apply(inode.visible)
      inode.pending.push(apply)
    }
    return {
      write: (parts, offset) => {
        const data = Buffer.concat(parts)
        const half = data.subarray(0, data.length >> 1)
        return this.#do(
          { kind: 'write', name },
          () => change((bytes) => overwrite(bytes, data, offset)),
          () => change((bytes) => overwrite(bytes, half, offset)),
        )
      },
      flush: () =>
        this.#do(
          { kind: 'flush', name },
          () => {
            for (const apply of inode.pending) inode.safe = apply(inode.safe)
            inode.pending = []
          },
          // As Linux does: the pages count as clean afterwards, and the next flush says that all is well.
          () => {
            inode.pending = []
          },
        ),
      truncate: (length) =>
        this.#do({ kind: 'truncate', name }, () => change((bytes) => Buffer.from(bytes.subarray(0, length)))),
      close: () => this.#do({ kind: 'close', name }, () => {}),
    }
  }

  async #do<Result>(
    operation: Operation,
    succeed: () => Result,
    fail: () => void = () => {},
  ): Promise<Result> {
    if (this.#lost) throw new PowerLoss('no power')
    const index = this.operations.push(operation) - 1
    const fault = this.#decide(operation, index)
    await Promise.resolve()
    if (this.#lost) throw new PowerLoss('no power')
    if (fault === undefined) return succeed()
    if (fault !== 'power-loss') {
      fail()
      throw systemError(fault)
    }
    // The operation may have been done, or begun, before the power went.
    if (index % 3 === 0) succeed()
    else if (index % 3 === 1 && operation.kind === 'write') fail()
    this.#lost = true
    throw new PowerLoss('no power')
  }
}

function overwrite(bytes: Buffer, data: Buffer, offset: number): Buffer {
  const result = Buffer.alloc(Math.max(bytes.length, offset + data.length))
  bytes.copy(result)
  data.copy(result, offset)
  return result
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}
