import type { ComponentType } from 'react'
import type { TraceSummary, TreeSpan } from '../../api.ts'
import type { TreeRow } from '../tree.ts'

/** What every view of a trace is given. */
export interface ViewProps {
  readonly trace: TraceSummary
  readonly spans: readonly TreeSpan[]
  readonly rows: readonly TreeRow[]
  /** True when all of the trace's spans are there. */
  readonly complete: boolean
  /** The span that is looked at, whoever chose it. */
  readonly selected: string | undefined
  readonly select: (spanId: string, how?: 'push' | 'replace') => void
  readonly narrow: boolean
}

/** A way to look at a trace. */
export interface View {
  /** As the address says it. */
  readonly name: string
  readonly title: string
  /** May be `lazy`. */
  readonly Content: ComponentType<ViewProps>
}
