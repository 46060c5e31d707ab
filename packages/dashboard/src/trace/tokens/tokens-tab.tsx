import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import '../../styles/token-ids.css'
import { Icon } from '../../ui/icons.tsx'
import { Link } from '../../ui/link.tsx'
import { Failure, Waiting } from '../../ui/problem.tsx'
import type { SpanTabProps } from '../span-tabs/span-tab.ts'
import { continuationText, idFacts, likelyCause } from './facts.ts'
import { IdList } from './id-list.tsx'
import { getTokens, type Ids, type SpanTokens } from './tokens-api.ts'

/** The token ids of a call: whether they can be trained on, and whether the call goes on where one ended. */
export default function TokensTab({ trace, span }: SpanTabProps): ReactNode {
  const tokens = useQuery({
    // A later record of the call, or a join with a span, changes its ids.
    queryKey: ['tokens', trace.traceId, span.spanId, span.endNs, JSON.stringify(span.call)],
    queryFn: ({ signal }) => getTokens(trace.traceId, span.spanId, signal),
  })
  if (tokens.isError) return <Failure error={tokens.error} retry={() => void tokens.refetch()} />
  if (!tokens.data) return <Waiting what="the token ids" />
  const { data } = tokens
  const mark = data.previous && !data.previous.continues ? data.previous.shared : undefined
  return (
    <div className="tokens">
      <p className="facts number">{idFacts(data).join(' · ')}</p>
      <VerdictLine tokens={data} />
      <ContinuationLine tokens={data} trace={trace.traceId} />
      <Lists ids={data} mark={mark} />
      {data.other ? (
        <>
          <h3>What the span tells instead</h3>
          <Lists ids={data.other} mark={undefined} />
        </>
      ) : null}
    </div>
  )
}

function VerdictLine({ tokens: { verdict, problems } }: { tokens: SpanTokens }): ReactNode {
  return (
    <div className={verdict.ok ? 'verdict good' : 'verdict bad'}>
      <Icon name={verdict.ok ? 'ok' : 'error'} />
      <div>
        <p>
          <strong>{verdict.ok ? 'Use in training: yes.' : 'Use in training: no.'}</strong> {verdict.sentence}
          {verdict.detail === undefined ? null : <span className="dim"> ({verdict.detail})</span>}
        </p>
        {verdict.todo === '' ? null : <p>{verdict.todo}</p>}
        {problems.map((problem) => (
          <p key={problem} className="mono dim">
            {problem}
          </p>
        ))}
        <p className="mono dim">{verdict.code}</p>
      </div>
    </div>
  )
}

function ContinuationLine({ tokens: { previous }, trace }: { tokens: SpanTokens; trace: string }): ReactNode {
  const text = continuationText(previous)
  if (!previous || text === undefined) return null
  return (
    <div className={previous.continues ? 'continuation' : 'continuation diverges'}>
      <p>
        This prompt {text} (
        <Link to={`/traces/${trace}?span=${previous.spanId}&tab=tokens`}>the earlier call</Link>).
      </p>
      {previous.continues ? null : (
        <>
          <p className="mono">here {previous.here?.join(' ') || 'the prompt ends'}</p>
          <p className="mono">there {previous.there?.join(' ')}</p>
          <p className="dim">{likelyCause(previous)}</p>
        </>
      )}
    </div>
  )
}

function Lists({
  ids: { promptTokenIds, choices },
  mark,
}: {
  ids: Ids
  mark: number | undefined
}): ReactNode {
  const name = (index: number): string => (choices.length > 1 ? `Response ${index}` : 'Response')
  return (
    <>
      {promptTokenIds ? <IdList title="Prompt" ids={promptTokenIds} mark={mark} /> : null}
      {choices.map(({ index, promptTokenIds: own, responseTokenIds, logprobs, finishReason }) => (
        <div key={index}>
          {own && !promptTokenIds ? (
            <IdList title={`Prompt of choice ${index}`} ids={own} mark={mark} />
          ) : null}
          {responseTokenIds ? (
            <IdList title={name(index)} ids={responseTokenIds} logprobs={logprobs} />
          ) : (
            <p className="dim">{name(index)}: no ids</p>
          )}
          {finishReason === null ? null : <p className="dim">ended by {finishReason}</p>}
        </div>
      ))}
    </>
  )
}
