import type { ReactNode } from 'react'
import type { TraceSummary } from '../api.ts'
import { formatDuration } from '../values.ts'

/** What a mini bar is drawn from; lengths are shares of the whole bar's room. */
export interface MiniBarShape {
  readonly llm: number
  readonly tool: number
  readonly rest: number
}

/**
 * The trace in miniature: how long it took beside the longest one, and what the time went to. The length grows
 * with the square root, so that short traces are seen beside long ones; what ran in parallel shares its time.
 */
export function miniBar(durationNs: number, llmNs: number, toolNs: number, longestNs: number): MiniBarShape {
  const length = Math.min(1, Math.sqrt(Math.max(0, durationNs) / Math.max(1, longestNs)))
  const busy = Math.max(durationNs, llmNs + toolNs, 1)
  const llm = (length * llmNs) / busy
  const tool = (length * toolNs) / busy
  return { llm, tool, rest: Math.max(0, length - llm - tool) }
}

/** The bar after the duration of a row. */
export function MiniBar({
  trace,
  durationNs,
  longestNs,
}: {
  trace: TraceSummary
  durationNs: bigint
  longestNs: number
}): ReactNode {
  const shape = miniBar(Number(durationNs), Number(trace.llmNs), Number(trace.toolNs), longestNs)
  const words = `Model calls ${formatDuration(BigInt(trace.llmNs))}, tools ${formatDuration(BigInt(trace.toolNs))}`
  const part = (share: number, kind: string) =>
    share === 0 ? null : <span className={`fill-${kind}`} style={{ width: `${share * 100}%` }} />
  return (
    <span className="trace-mini" title={words} aria-hidden="true">
      {part(shape.llm, 'llm')}
      {part(shape.tool, 'tool')}
      {part(shape.rest, 'rest')}
    </span>
  )
}
