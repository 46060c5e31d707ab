// What the main and the index thread say to each other.
import type { Step } from '../../index/follow.ts'
import type { Damage } from '../../log/reader.ts'
import type { Position } from '../../log/record.ts'
import type { ScanLimits } from '../../otlp/scan/span-view.ts'

/** What the index thread starts with. */
export interface IndexThreadData {
  readonly logDir: string
  readonly indexPath: string
  readonly limits: ScanLimits
  /** Memory of `IndexShared`. */
  readonly shared: SharedArrayBuffer
  /** Records that brought an earlier thread down. */
  readonly poisoned: readonly Position[]
  /** The thread before this one found no room on the disk. */
  readonly cramped: boolean
}

export type ToIndexThread =
  /** There is something to follow: the target is in the shared memory. */
  | { readonly do: 'follow' }
  | { readonly do: 'checkpoint' }
  /** Segments below this one are gone: close their files, so that the disk gets the space. */
  | { readonly do: 'forget'; readonly below: number }
  | { readonly do: 'close' }

export type FromIndexThread =
  | { readonly did: 'open'; readonly position: Position }
  | ({ readonly did: 'step' } & Step)
  /** Part of a segment cannot be read; the index goes on behind it. */
  | ({ readonly did: 'damage' } & Damage)
  | { readonly did: 'checkpoint'; readonly at: Position }
  /** A damaged or outdated index was removed and is made anew. */
  | { readonly did: 'rebuild'; readonly why: string }
