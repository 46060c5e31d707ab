import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Message, Part } from '../../../agentlightning/src/trace/messages/types.ts'
import { getMessages } from '../api.ts'
import { Icon } from '../ui/icons.tsx'
import { LongText } from '../ui/long-text.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { formatBytes } from '../values.ts'
import { Arguments } from './arguments.tsx'
import type { SpanTabProps } from './span-tabs/span-tab.ts'

/** What was said to the model, the tool or the agent, and what came back. */
export function Messages({ trace: { traceId: trace }, span }: SpanTabProps): ReactNode {
  const query = useQuery({
    queryKey: ['messages', trace, span.spanId, span.endNs, span.attributeCount],
    queryFn: ({ signal }) => getMessages(trace, span.spanId, signal),
  })
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Waiting what="the messages" />
  const { input, output, tools, inputFrom, outputFrom } = query.data
  if (input.length === 0 && output.length === 0) {
    return <p className="dim">This span carries no messages. Attributes has everything that was sent.</p>
  }
  const isTool = span.fields.type === 'tool'
  return (
    <div className="messages">
      {tools.length > 0 ? (
        <details className="tools-offered">
          <summary>
            {tools.length} tools offered{' '}
            <span className="dim">{tools.map(({ name }) => name).join(', ')}</span>
          </summary>
          <dl>
            {tools.map(({ name, description, parameters }) => (
              <div key={name}>
                <dt className="mono">{name}</dt>
                <dd>
                  {description}
                  {parameters === undefined ? null : (
                    <LongText text={parameters} label={`parameters of ${name}`} />
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </details>
      ) : null}
      {keyed(input).map(({ message, key }) => (
        <Block
          key={key}
          message={message}
          title={isTool && message.role === 'input' ? 'arguments' : message.role}
        />
      ))}
      {output.length === 0 ? null : <hr />}
      {keyed(output).map(({ message, key }) => (
        <Block
          key={key}
          message={message}
          title={isTool && message.role === 'output' ? 'result' : message.role}
        />
      ))}
      <p className="dim source">
        Read from {[inputFrom, outputFrom].filter((name) => name !== undefined).join(' and ')}
      </p>
    </div>
  )
}

/** Messages have no ids: their place in the conversation is what they are. */
function keyed(messages: readonly Message[]): { message: Message; key: string }[] {
  return messages.map((message, at) => ({ message, key: `${at} ${message.role}` }))
}

function keyedParts(parts: readonly Part[]): { part: Part; key: string }[] {
  return parts.map((part, at) => ({ part, key: `${at} ${part.type}` }))
}

/** System prompts are long and the same in every call. */
const FOLDED = 400

function Block({
  message: { role, parts, finishReason },
  title,
}: {
  message: Message
  title: string
}): ReactNode {
  const size = parts.reduce(
    (sum, part) => sum + (part.type === 'toolCall' ? part.arguments : part.text).length,
    0,
  )
  const [open, setOpen] = useState(role !== 'system' || size <= FOLDED)
  return (
    <article className={`message role-${role}`}>
      <h3>
        <button type="button" className="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'right'} />
          {title}
          <span className="dim number"> {formatBytes(size)}</span>
          {open ? null : <span className="dim preview">{previewOf(parts)}</span>}
        </button>
        {finishReason === undefined ? null : <span className="dim finish">finish: {finishReason}</span>}
      </h3>
      {open ? keyedParts(parts).map(({ part, key }) => <PartView key={key} part={part} />) : null}
    </article>
  )
}

function previewOf(parts: readonly Part[]): string {
  const [first] = parts
  return first === undefined ? '' : (first.type === 'toolCall' ? first.name : first.text).slice(0, 120)
}

function PartView({ part }: { part: Part }): ReactNode {
  switch (part.type) {
    case 'toolCall':
      return (
        <div className="tool-call">
          <p className="tool-call-name">
            <span className="kind kind-tool">
              <Icon name="tool" />
            </span>
            <strong>{part.name}</strong>
            {part.id === undefined ? null : <span className="dim mono"> {part.id}</span>}
          </p>
          <Arguments text={part.arguments} />
        </div>
      )
    case 'toolResult':
      return (
        <div className="tool-result">
          {part.id === undefined ? null : <p className="dim mono">→ {part.id}</p>}
          <LongText text={part.text} label="result" />
        </div>
      )
    case 'reasoning':
      return (
        <details className="reasoning">
          <summary>
            thinking <span className="dim number">{formatBytes(part.text.length)}</span>
          </summary>
          <LongText text={part.text} label="reasoning" />
        </details>
      )
    case 'media':
      return (
        <p className="media">
          {part.mediaType} <span className="dim mono">{part.text}</span>
        </p>
      )
    case 'json':
      return <Arguments text={part.text} />
    default:
      return <LongText text={part.text} label="message" />
  }
}
