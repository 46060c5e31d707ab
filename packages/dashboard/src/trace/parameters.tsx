import type { ReactNode } from 'react'
import type { TreeSpan, WholeSpan } from '../api.ts'
import { AttributeList } from './attributes.tsx'

/** Names under which SDKs write the settings of a call. */
const settings =
  /^(gen_ai\.request\.(?!tools\.|functions)|gen_ai\.(operation\.name|output\.type|is_streaming|openai\.request\.)|llm\.(invocation_parameters|request\.type|top_k|frequency_penalty|presence_penalty|is_streaming|chat\.stop_sequences)|ai\.settings\.|ai\.model\.|langfuse\.observation\.model\.parameters|server\.(address|port)$|gen_ai\.(system|provider\.name)$|gen_ai\.response\.(model|id|finish_reasons?)$)/

/** Model, settings, usage: what the call was made with. */
export function Parameters({
  whole: { span: sent },
  span: { fields },
}: {
  whole: WholeSpan
  span: TreeSpan
}): ReactNode {
  const { usage = {} } = fields
  const derived = Object.entries({
    provider: fields.provider,
    'requested model': fields.requestModel,
    'answering model': fields.responseModel,
    agent: fields.agent,
    tool: fields.tool,
    session: fields.session,
    user: fields.user,
    'tokens in': usage.input,
    'tokens out': usage.output,
    'tokens from cache': usage.cacheRead,
    'tokens to cache': usage.cacheWrite,
    'reasoning tokens': usage.reasoning,
    'cost in USD': fields.cost,
    'prompt token ids': fields.promptIds,
    'response token ids': fields.responseIds,
  }).filter((pair): pair is [string, string | number] => pair[1] !== undefined)
  const own = sent.attributes.filter(({ key }) => settings.test(key))
  return (
    <>
      <section className="attributes">
        <h3>Understood</h3>
        {derived.length === 0 ? (
          <p className="dim">Nothing of this span is known to be a setting or a count.</p>
        ) : null}
        <dl className="pairs">
          {derived.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="number">
                {typeof value === 'number'
                  ? value.toLocaleString('en', { maximumFractionDigits: 12 })
                  : value}
              </dd>
            </div>
          ))}
        </dl>
      </section>
      {own.length === 0 ? null : (
        <section className="attributes">
          <h3>As sent</h3>
          <AttributeList attributes={own} />
        </section>
      )}
    </>
  )
}
