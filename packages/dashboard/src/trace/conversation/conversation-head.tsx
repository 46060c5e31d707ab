import type { ReactNode } from 'react'
import { FindField, type Finding } from '../../ui/find-field.tsx'
import { FoldButtons } from '../../ui/fold-buttons.tsx'

/** The field that finds messages, and folding of all. */
export function ConversationHead({
  openAll,
  summary,
  ...finding
}: Finding & {
  openAll: (open: boolean) => void
  summary: string
}): ReactNode {
  return (
    <div className="conversation-head">
      <FindField label="Find a message by its text, tools, arguments or results" finding={finding} />
      <span className="dim number summary">{summary}</span>
      <FoldButtons fold="Fold long messages" unfold="Open all messages" set={openAll} />
    </div>
  )
}
