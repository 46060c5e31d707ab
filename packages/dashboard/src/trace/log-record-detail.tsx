import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { plainValue } from '../../../agentlightning/src/otlp/decode/plain-value.ts'
import { getLogRecord } from '../signals-api.ts'
import { LongText } from '../ui/long-text.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { AttributeList } from './attributes.tsx'

/** One log record in full, read when it is shown. */
export function LogRecordDetail({ id }: { id: string }): ReactNode {
  const query = useQuery({ queryKey: ['log record', id], queryFn: ({ signal }) => getLogRecord(id, signal) })
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Waiting what="the log record" />
  const { record, resource } = query.data
  const body = plainValue(record.body)
  return (
    <div className="log-whole">
      {body === null ? null : (
        <LongText text={typeof body === 'string' ? body : JSON.stringify(body)} label="log record" />
      )}
      <AttributeList attributes={record.attributes} />
      {resource && resource.attributes.length > 0 ? (
        <details>
          <summary className="dim">Resource</summary>
          <AttributeList attributes={resource.attributes} />
        </details>
      ) : null}
    </div>
  )
}
