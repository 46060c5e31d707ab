import type { ReactNode } from 'react'
import type { WholeSpan } from '../api.ts'
import { LongText } from '../ui/long-text.tsx'

/** The span as the server answers it: OTLP's JSON form. */
export function Raw({ whole }: { whole: WholeSpan }): ReactNode {
  return <LongText text={JSON.stringify(whole, null, 2)} label="span as JSON" />
}
