import { useQuery } from '@tanstack/react-query'
import type { ComponentType, ReactNode } from 'react'
import { getSpan, type TreeSpan, type WholeSpan } from '../../api.ts'
import { Failure, Waiting } from '../../ui/problem.tsx'
import type { SpanTabProps } from './span-tab.ts'

/** A tab that shows the span's payload, which is read when the tab is looked at. */
export function withPayload(
  Content: ComponentType<{ whole: WholeSpan; span: TreeSpan }>,
): ComponentType<SpanTabProps> {
  return function PayloadTab({ trace, span }: SpanTabProps): ReactNode {
    const whole = useQuery({
      // Another copy of the span may have replaced the one that was read.
      queryKey: ['span', trace.traceId, span.spanId, span.endNs, span.attributeCount],
      queryFn: ({ signal }) => getSpan(trace.traceId, span.spanId, signal),
    })
    if (whole.isError) return <Failure error={whole.error} retry={() => void whole.refetch()} />
    if (!whole.data) return <Waiting what="the span's payload" />
    return <Content whole={whole.data} span={span} />
  }
}
