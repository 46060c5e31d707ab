import { type ReactNode, useMemo, useState } from 'react'
import { plainValue } from '../../../agentlightning/src/otlp/decode/plain-value.ts'
import type { AnyValue, KeyValue } from '../../../agentlightning/src/otlp/decode/types.ts'
import type { WholeSpan } from '../api.ts'
import { Copy } from '../ui/copy.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { Clipped } from '../ui/long-text.tsx'
import { jsonOf } from '../ui/text.ts'

const byKey = new Intl.Collator('en', { numeric: true })

/** Everything that was sent of a span, its scope and its resource, with types, searchable. */
export function Attributes({ whole: { span, scope, resource } }: { whole: WholeSpan }): ReactNode {
  const [find, setFind] = useState('')
  const scopeName = [scope?.name, scope?.version].filter(Boolean).join(' ')
  return (
    <>
      <input
        className="attribute-find"
        aria-label="Find an attribute"
        placeholder="Find an attribute"
        value={find}
        spellCheck={false}
        onChange={(event) => setFind(event.target.value)}
      />
      <Group title="Span" all={span.attributes} dropped={span.droppedAttributesCount} find={find} />
      <Group title="Resource" all={resource?.attributes ?? []} dropped={0} find={find} />
      <Group title={`Scope ${scopeName}`} all={scope?.attributes ?? []} dropped={0} find={find} />
    </>
  )
}

function Group({
  title,
  all,
  dropped,
  find,
}: {
  title: string
  all: readonly KeyValue[]
  dropped: number
  find: string
}): ReactNode {
  const wanted = find.toLowerCase()
  const shown = useMemo(
    () =>
      all
        .filter(
          ({ key, value }) =>
            wanted === '' ||
            key.toLowerCase().includes(wanted) ||
            textOf(value).toLowerCase().includes(wanted),
        )
        .sort((a, b) => byKey.compare(a.key, b.key)),
    [all, wanted],
  )
  if (all.length === 0 && dropped === 0) return null
  return (
    <section className="attributes">
      <h3>
        {title}{' '}
        <span className="dim number">
          {shown.length === all.length ? all.length : `${shown.length} of ${all.length}`}
        </span>
        {dropped > 0 ? <span className="warning-text"> {dropped} dropped by the client</span> : null}
      </h3>
      <AttributeList attributes={shown} />
    </section>
  )
}

/** Attributes as name, type and value. */
export function AttributeList({ attributes }: { attributes: readonly KeyValue[] }): ReactNode {
  return (
    <dl className="pairs">
      {attributes.map(({ key, value }, at) => (
        // The same key may be sent twice, and both are shown.
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing else tells them apart
        <div key={`${key} ${at}`}>
          <dt>
            <span className="mono">{key}</span> <span className="dim type">{typeOf(value)}</span>
          </dt>
          <dd>
            <ValueView value={value} />
            <Copy text={() => textOf(value)} label={`Copy ${key}`} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function ValueView({ value }: { value: AnyValue }): ReactNode {
  const text = value.stringValue
  const folded = useMemo(() => {
    if (text !== undefined) return jsonOf(text)
    const plain = plainValue(value)
    return typeof plain === 'object' && plain !== null ? plain : undefined
  }, [text, value])
  if (folded !== undefined) return <JsonView value={folded} />
  return text === undefined ? <span className="json-number">{textOf(value)}</span> : <Clipped text={text} />
}

function textOf(value: AnyValue): string {
  const plain = plainValue(value)
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}

function typeOf(value: AnyValue): string {
  const [kind] = Object.keys(value)
  if (kind === undefined) return 'empty'
  if (value.arrayValue) return `array[${value.arrayValue.values.length}]`
  return kind === 'kvlistValue' ? 'map' : kind.replace('Value', '')
}
