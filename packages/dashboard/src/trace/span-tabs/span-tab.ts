import type { ComponentType } from 'react'
import type { TraceSummary, TreeSpan } from '../../api.ts'

/** What every tab is given. */
export interface SpanTabProps {
  readonly trace: TraceSummary
  readonly span: TreeSpan
}

/** A tab of the span's details. */
export interface SpanTab {
  /** As the address says it. */
  readonly name: string
  readonly title: string
  /** What the panel shows while this tab is chosen; may be `lazy`. */
  readonly Content: ComponentType<SpanTabProps>
  /** False where the tab has nothing to say of a span: it is then left out. Always shown when absent. */
  readonly applies?: (given: SpanTabProps) => boolean
}
