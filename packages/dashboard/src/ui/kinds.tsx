import type { ReactNode } from 'react'
import type { SpanType } from '../../../agentlightning/src/trace/fields.ts'
import { Icon, type IconName } from './icons.tsx'

/** The kinds that have a colour. */
export type Kind = 'llm' | 'agent' | 'tool' | 'retrieval' | 'other'

const kinds: Readonly<
  Record<SpanType, { readonly kind: Kind; readonly icon: IconName; readonly word: string }>
> = {
  llm: { kind: 'llm', icon: 'llm', word: 'model call' },
  agent: { kind: 'agent', icon: 'agent', word: 'agent' },
  session: { kind: 'agent', icon: 'agent', word: 'session' },
  tool: { kind: 'tool', icon: 'tool', word: 'tool' },
  retriever: { kind: 'retrieval', icon: 'retrieval', word: 'retriever' },
  embedding: { kind: 'retrieval', icon: 'retrieval', word: 'embedding' },
  reranker: { kind: 'retrieval', icon: 'retrieval', word: 'reranker' },
  guardrail: { kind: 'other', icon: 'guard', word: 'guardrail' },
  evaluator: { kind: 'other', icon: 'guard', word: 'evaluator' },
  http: { kind: 'other', icon: 'http', word: 'HTTP' },
  chain: { kind: 'other', icon: 'other', word: 'step' },
  task: { kind: 'other', icon: 'other', word: 'task' },
  other: { kind: 'other', icon: 'other', word: 'span' },
}

export function kindOf(type: SpanType): Kind {
  return kinds[type].kind
}

export function kindWord(type: SpanType): string {
  return kinds[type].word
}

/** The kind before a span's name: a shape and a colour, and the word for it. */
export function KindIcon({ type }: { type: SpanType }): ReactNode {
  const { kind, icon, word } = kinds[type]
  return (
    <span className={`kind kind-${kind}`} title={word}>
      <Icon name={icon} />
      <span className="sr">{word} </span>
    </span>
  )
}
