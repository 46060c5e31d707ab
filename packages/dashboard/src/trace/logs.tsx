import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { getLogs } from '../api.ts'
import { LongText } from '../ui/long-text.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { absolute } from '../values.ts'
import { LogRecords } from './logs-records.tsx'
import type { SpanTabProps } from './span-tabs/span-tab.ts'

/** What was logged: OTLP log records, and console text that the SDK uploaded for the whole trace. */
export function Logs(props: SpanTabProps): ReactNode {
  return (
    <>
      <LogRecords {...props} />
      <ConsoleText trace={props.trace.traceId} />
    </>
  )
}

function ConsoleText({ trace }: { trace: string }): ReactNode {
  const query = useQuery({
    queryKey: ['logs', trace],
    queryFn: ({ signal }) => getLogs(trace, signal),
    staleTime: 0,
  })
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Waiting what="the console text" />
  const { logs, truncated } = query.data
  if (logs.length === 0) return <p className="dim">No console text was uploaded for this trace.</p>
  return (
    <>
      {logs.map(({ receivedNs, text }) => (
        <section className="attributes" key={receivedNs}>
          <h3 className="dim number">Console, {absolute(receivedNs)}</h3>
          <LongText text={text} label="log" />
        </section>
      ))}
      {truncated ? (
        <p className="warning-text">There is more than is shown here: the export has all of it.</p>
      ) : null}
    </>
  )
}
