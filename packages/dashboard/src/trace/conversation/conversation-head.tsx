import type { ReactNode } from 'react'
import { FindField, type Finding } from '../../ui/find-field.tsx'
import { Icon } from '../../ui/icons.tsx'

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
      <button
        type="button"
        className="plain"
        aria-label="Fold long messages"
        title="Fold long messages (-)"
        onClick={() => openAll(false)}
      >
        <Icon name="fold" />
      </button>
      <button
        type="button"
        className="plain"
        aria-label="Open all messages"
        title="Open all messages (+)"
        onClick={() => openAll(true)}
      >
        <Icon name="unfold" />
      </button>
    </div>
  )
}
