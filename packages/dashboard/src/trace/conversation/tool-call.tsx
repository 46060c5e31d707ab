import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo, useRef } from 'react'
import type { Part } from '../../../../agentlightning/src/trace/messages/types.ts'
import { getMessages, type TreeSpan } from '../../api.ts'
import { withParameters } from '../../navigation.ts'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/link.tsx'
import { spanDuration } from '../../values.ts'
import { FoldedText } from './folded-text.tsx'
import { ARGUMENT_LINES, argumentTexts, RESULT_LINES, resultText } from './folding.ts'
import type { ToolUse } from './thread-types.ts'
import { useSeen } from './use-seen.ts'

/** How much of a message is seen. */
export interface Folding {
  readonly open: boolean
  readonly unfold: () => void
}

/** A tool call, who ran it and what came of it. */
export function ToolCall({
  trace,
  call,
  use,
  folding,
}: {
  trace: string
  call: Extract<Part, { type: 'toolCall' }>
  use: ToolUse | undefined
  folding: Folding
}): ReactNode {
  const runs = use?.runs ?? []
  const told = use?.result?.part
  return (
    <div className="tool-call" title={call.id}>
      <p className="tool-call-name">
        <span className="kind kind-tool">
          <Icon name="tool" />
        </span>
        <strong>{call.name}</strong>
      </p>
      <CallArguments text={call.arguments} folding={folding} />
      <Runs runs={runs} />
      {told && told.type !== 'toolCall' ? (
        <Told text={told.text} folding={folding} />
      ) : runs.length > 0 ? (
        <RunResult trace={trace} run={runs.at(-1) as TreeSpan} folding={folding} />
      ) : null}
    </div>
  )
}

/** The spans that ran a tool, each a link; those that failed with their error. */
export function Runs({ runs }: { runs: readonly TreeSpan[] }): ReactNode {
  if (runs.length === 0) return null
  return (
    <ul className="runs number">
      {runs.map((span) => (
        <li key={span.spanId} className={span.statusCode === 2 ? 'error-text' : 'dim'}>
          {span.statusCode === 2 ? <Icon name="error" /> : null}
          <Link to={() => withParameters({ span: span.spanId, message: undefined })}>
            {span.statusCode === 2 ? 'failed' : 'ran'} {spanDuration(span)}
          </Link>
          {span.statusCode === 2 ? <span>{span.fields.error}</span> : null}
        </li>
      ))}
    </ul>
  )
}

function CallArguments({ text, folding }: { text: string; folding: Folding }): ReactNode {
  const all = useMemo(() => argumentTexts(text), [text])
  const [only] = all
  if (only && only.name === undefined)
    return <FoldedText text={only.text} lines={ARGUMENT_LINES} mono {...folding} />
  return (
    <dl className="pairs">
      {all.map(({ name, text: value, json }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <FoldedText text={value} lines={ARGUMENT_LINES} mono={json} {...folding} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** What a tool answered. */
export function Told({ text, folding }: { text: string; folding: Folding }): ReactNode {
  const shown = useMemo(() => resultText(text), [text])
  return (
    <div className="told">
      <span className="sr">result </span>
      <FoldedText text={shown.text} lines={RESULT_LINES} mono={shown.json} {...folding} />
    </div>
  )
}

/** What the span says that the tool returned, where no call was told it. It is read when it comes into sight. */
function RunResult({ trace, run, folding }: { trace: string; run: TreeSpan; folding: Folding }): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const seen = useSeen(place)
  const { data } = useQuery({
    queryKey: ['messages', trace, run.spanId, run.endNs, run.attributeCount],
    queryFn: ({ signal }) => getMessages(trace, run.spanId, signal),
    enabled: seen,
  })
  const texts = data?.output.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'toolCall' ? [] : [part.text])),
  )
  return (
    <div ref={place}>
      {texts && texts.length > 0 ? (
        <>
          <p className="dim said-note">No later call was told this result:</p>
          <Told text={texts.join('\n')} folding={folding} />
        </>
      ) : null}
    </div>
  )
}
