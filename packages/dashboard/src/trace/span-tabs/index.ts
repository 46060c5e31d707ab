// The tabs of a span's details, in order: first what a person asks, last what a machine sent. A new one is a
// component of its own and a line here.
import { lazy } from 'react'
import { Attributes } from '../attributes.tsx'
import { Events } from '../events.tsx'
import { Logs } from '../logs.tsx'
import { Messages } from '../messages.tsx'
import { Parameters } from '../parameters.tsx'
import { Raw } from '../raw.tsx'
import type { SpanTab } from './span-tab.ts'
import { withPayload } from './with-payload.tsx'

export const spanTabs: readonly SpanTab[] = [
  { name: 'messages', title: 'Messages', Content: Messages },
  {
    name: 'tokens',
    title: 'Tokens',
    Content: lazy(() => import('../tokens/tokens-tab.tsx')),
    applies: ({ span }) => span.call !== undefined,
  },
  { name: 'parameters', title: 'Parameters', Content: withPayload(Parameters) },
  { name: 'attributes', title: 'Attributes', Content: withPayload(Attributes) },
  { name: 'events', title: 'Events', Content: withPayload(Events) },
  { name: 'logs', title: 'Logs', Content: Logs },
  { name: 'raw', title: 'Raw', Content: withPayload(Raw) },
]
