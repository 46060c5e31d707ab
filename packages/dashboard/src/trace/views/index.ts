// The views of a trace, in order; their keys are `1`, `2` … A new one is a component of its own and a line here.
import { lazy } from 'react'
import { Timeline } from '../timeline.tsx'
import type { View } from './view.ts'

export const views: readonly View[] = [
  { name: 'timeline', title: 'Timeline', Content: Timeline },
  {
    name: 'conversation',
    title: 'Conversation',
    Content: lazy(() => import('../conversation/conversation-view.tsx')),
  },
  { name: 'graph', title: 'Graph', Content: lazy(() => import('../graph/graph-view.tsx')) },
]
