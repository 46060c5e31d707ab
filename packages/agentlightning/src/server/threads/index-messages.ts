// What the main and the index thread say to each other.
import type { Step } from '../../index/follow.ts'
import type { Position } from '../../log/record.ts'
import type { ScanLimits } from '../../otlp/scan/span-view.ts'

/** What the index thread starts with. */
export interface IndexThreadData {
  readonly logDir: string
  readonly indexPath: string
  readonly limits: ScanLimits
  /** One Float64: the record being derived, -1 when none. Readable after the thread died. */
  readonly current: SharedArrayBuffer
  /** Records that brought an earlier thread down. */
  readonly poisoned: readonly Position[]
}

export type ToIndexThread =
  | { readonly do: 'follow'; readonly upTo: Position }
  | { readonly do: 'checkpoint' }
  /** Segments below this one are gone: close their files, so that the disk gets the space. */
  | { readonly do: 'forget'; readonly below: number }
  | { readonly do: 'close' }

export type FromIndexThread =
  | { readonly did: 'open'; readonly position: Position }
  | ({ readonly did: 'step'; readonly damaged: number } & Step)
  | { readonly did: 'checkpoint'; readonly at: Position }
  /** A damaged or outdated index was removed and is made anew. */
  | { readonly did: 'rebuild'; readonly why: string }
