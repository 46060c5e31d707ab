import { type ReactNode, useEffect, useRef, useState } from 'react'
import { formatTime } from '../../../agentlightning/src/cli/views/format.ts'
import { formatNumber } from '../../../agentlightning/src/cli/views/metric-values.ts'
import { type Place, ticksOf } from './measures.ts'

const HEIGHT = 320
const edge = { left: 64, right: 16, top: 12, bottom: 28 }
const TICK_HEIGHT = 60
const TICK_WIDTH = 160

const timeText = (ms: number): string => formatTime(BigInt(Math.round(ms)) * 1_000_000n)

/** A line over time. The pointer reads a place; the newest is told in words above it by whoever draws it. */
export function Chart({ line, label }: { line: readonly Place[]; label: string }): ReactNode {
  const box = useRef<SVGSVGElement>(null)
  const [width, setWidth] = useState(800)
  const [near, setNear] = useState<Place>()
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(
      ([entry]) => entry && setWidth(Math.max(200, entry.contentRect.width)),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const [first, last] = [line[0], line.at(-1)]
  if (!first || !last) return <p className="dim">No points in this time.</p>

  const values = line.map(({ value }) => value)
  const least = Math.min(0, ...values)
  const top = Math.max(...values)
  const greatest = top > least ? top : least + 1
  const [fromMs, toMs] = first.ms === last.ms ? [first.ms - 500, last.ms + 500] : [first.ms, last.ms]
  const x = (ms: number) => edge.left + ((ms - fromMs) / (toMs - fromMs)) * (width - edge.left - edge.right)
  const y = (value: number) =>
    HEIGHT - edge.bottom - ((value - least) / (greatest - least)) * (HEIGHT - edge.top - edge.bottom)
  const path = line.map(
    ({ ms, value }, at) => `${at === 0 ? 'M' : 'L'}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`,
  )
  const times = Math.max(2, Math.floor((width - edge.left) / TICK_WIDTH))
  const find = (clientX: number) => {
    const left = box.current?.getBoundingClientRect().left ?? 0
    const at = clientX - left
    setNear(line.reduce((a, b) => (Math.abs(x(b.ms) - at) < Math.abs(x(a.ms) - at) ? b : a)))
  }
  return (
    <>
      <p className="number" aria-live="off">
        {near ? (
          <>
            <strong>{formatNumber(near.value)}</strong> <span className="dim">{timeText(near.ms)} UTC</span>
          </>
        ) : (
          <span className="dim">
            {timeText(first.ms)} – {timeText(last.ms)} UTC
          </span>
        )}
      </p>
      <svg
        ref={box}
        className="chart"
        role="img"
        aria-label={label}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        onPointerMove={(event) => find(event.clientX)}
        onPointerLeave={() => setNear(undefined)}
      >
        {ticksOf(least, greatest, HEIGHT / TICK_HEIGHT).map((tick) => (
          <g key={tick}>
            <line className="grid" x1={edge.left} x2={width - edge.right} y1={y(tick)} y2={y(tick)} />
            <text x={edge.left - 8} y={y(tick) + 4} textAnchor="end">
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        {Array.from({ length: times }, (_, at) => fromMs + ((toMs - fromMs) * at) / (times - 1)).map(
          (ms, at) => (
            <text
              key={ms}
              x={x(ms)}
              y={HEIGHT - 8}
              textAnchor={at === 0 ? 'start' : at === times - 1 ? 'end' : 'middle'}
            >
              {timeText(ms).slice(5, 19)}
            </text>
          ),
        )}
        <path className="line" d={path.join('')} />
        {line.length === 1 ? <circle className="dot" cx={x(first.ms)} cy={y(first.value)} r={3} /> : null}
        {near ? (
          <>
            <line className="cross" x1={x(near.ms)} x2={x(near.ms)} y1={edge.top} y2={HEIGHT - edge.bottom} />
            <circle className="dot" cx={x(near.ms)} cy={y(near.value)} r={3} />
          </>
        ) : null}
      </svg>
    </>
  )
}
