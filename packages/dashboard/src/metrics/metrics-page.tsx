import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import {
  attributesLine,
  formatNumber,
  pointValue,
  unitWord,
} from '../../../agentlightning/src/cli/views/metric-values.ts'
import { go, usePlace, withParameters } from '../navigation.ts'
import { getPoints, listSeries, type MetricPoint, type MetricSeries } from '../signals-api.ts'
import { Link } from '../ui/link.tsx'
import { Failure, Waiting } from '../ui/problem.tsx'
import { Chart } from './chart.tsx'
import { lineOf, type Measure, measuresOf } from './measures.ts'
import '../styles/metrics.css'

/** Metrics are not in the live stream: what is looked at is asked for again. */
const READ_AGAIN_MS = 10_000
const TYPING_MS = 200

const ages = [
  ['', 'any time'],
  ['15m', 'last 15 min'],
  ['1h', 'last hour'],
  ['24h', 'last 24 h'],
  ['7d', 'last 7 days'],
] as const

/** Metric series by name, and the line of one. */
export function MetricsPage(): ReactNode {
  const { parameters } = usePlace()
  const name = parameters.get('name') ?? ''
  const chosen = parameters.get('series')
  useEffect(() => {
    document.title = 'Metrics · agl'
  }, [])
  const query = useQuery({
    queryKey: ['series', name],
    queryFn: ({ signal }) => listSeries(name, signal),
    placeholderData: (before) => before,
    staleTime: 0,
    refetchInterval: READ_AGAIN_MS,
  })
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Waiting what="the metrics" />
  const { series, cursor } = query.data
  const selected = series.find(({ id }) => id === chosen)?.id ?? chosen ?? series[0]?.id
  return (
    <div className="metrics">
      <h1 className="sr">Metrics</h1>
      <section className="metrics-list" aria-label="Series">
        <Find name={name} />
        {series.length === 0 ? (
          <p className="problem dim">
            {name === ''
              ? 'No metrics have arrived. Send OTLP to /v1/metrics.'
              : 'No metric has that in its name.'}
          </p>
        ) : (
          <ul>
            {series.map((one) => (
              <Row key={one.id} series={one} selected={one.id === selected} />
            ))}
          </ul>
        )}
        {cursor === null ? null : <p className="problem dim">There are more: type a part of a name.</p>}
      </section>
      {selected === undefined ? null : <Metric key={selected} id={selected} />}
    </div>
  )
}

function Find({ name }: { name: string }): ReactNode {
  const [text, setText] = useState(name)
  // The address may change by itself: the way back, a link.
  useEffect(() => setText(name), [name])
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== name) go(withParameters({ name: text }), 'replace')
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, name])
  return (
    <input
      aria-label="Find a metric"
      placeholder="Find a metric"
      value={text}
      spellCheck={false}
      onChange={(event) => setText(event.target.value)}
    />
  )
}

function Row({ series, selected }: { series: MetricSeries; selected: boolean }): ReactNode {
  const about = [series.service, attributesLine(series)].filter(Boolean).join(' · ')
  return (
    <li>
      <Link to={withParameters({ series: series.id })} aria-current={selected ? 'true' : undefined}>
        <span>{series.name}</span>
        <span className="number">{newest(series)}</span>
        <span className="about dim" title={about}>
          {about}
        </span>
      </Link>
    </li>
  )
}

function Metric({ id }: { id: string }): ReactNode {
  const { parameters } = usePlace()
  const since = parameters.get('since') ?? ''
  const [wanted, setWanted] = useState<Measure>()
  const query = useQuery({
    queryKey: ['points', id, since],
    queryFn: ({ signal }) => getPoints(id, since === '' ? undefined : since, signal),
    staleTime: 0,
    refetchInterval: READ_AGAIN_MS,
  })
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Waiting what="the points" />
  const { series, points, complete } = query.data
  const measures = measuresOf(series)
  const measure = wanted && measures.includes(wanted) ? wanted : (measures[0] ?? 'value')
  const unit = measure === 'count' ? '' : unitWord(series.unit)
  const words = `${series.name}, ${measure}${unit === '' ? '' : ` in ${unit}`}`
  return (
    <section className="metric" aria-label="Metric">
      <header>
        <h2>{series.name}</h2>
        <span className="number dim">
          {newest(series)} {unitWord(series.unit)} · {series.points.toLocaleString('en')} points
        </span>
        {measures.length === 1 ? null : (
          <select
            aria-label="Measure"
            value={measure}
            onChange={(event) => setWanted(event.target.value as Measure)}
          >
            {measures.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
        <select
          aria-label="Time range"
          value={since}
          onChange={(event) => go(withParameters({ since: event.target.value }))}
        >
          {ages.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </header>
      <p className="dim">
        {[series.description, series.service, attributesLine(series)].filter(Boolean).join(' · ')}
      </p>
      <Chart line={lineOf(points, measure)} label={words} />
      {complete ? null : (
        <p className="warning-text">Only the newest 200,000 points of this time are drawn.</p>
      )}
    </section>
  )
}

/** The newest number of a series. */
function newest({ last }: { last?: MetricPoint | undefined }): string {
  if (!last) return formatNumber(undefined)
  const { value, count, sum } = last
  return formatNumber(pointValue({ value, count, sum }))
}
