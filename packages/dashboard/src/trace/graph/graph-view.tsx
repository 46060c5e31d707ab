import { type CSSProperties, type ReactNode, useMemo } from 'react'
import '../../styles/graph.css'
import { withParameters } from '../../navigation.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import type { Kind } from '../../ui/kinds.tsx'
import { Link } from '../../ui/link.tsx'
import { Waiting } from '../../ui/problem.tsx'
import { formatCount, formatDuration, formatTokens } from '../../values.ts'
import type { ViewProps } from '../views/view.ts'
import { type Graph, type GraphNode, graphOf, START } from './graph-data.ts'
import { layoutOf, NODE } from './layout.ts'

/** Nodes that are drawn. */
const MOST = 120
const MARGIN = 16

const words: Readonly<Record<Kind, { readonly word: string; readonly icon: IconName }>> = {
  llm: { word: 'model', icon: 'llm' },
  agent: { word: 'agent', icon: 'agent' },
  tool: { word: 'tool', icon: 'tool' },
  retrieval: { word: 'retrieval', icon: 'retrieval' },
  other: { word: 'trace', icon: 'other' },
}

/** Agents, models and tools with who called whom. */
export default function GraphView({ trace, rows, complete, selected }: ViewProps): ReactNode {
  const graph = useMemo(() => graphOf(rows, trace.name || '(no name)', MOST), [rows, trace.name])
  if (!complete && graph.nodes.length === 0) return <Waiting what="the spans" />
  if (graph.nodes.length === 0)
    return <p className="graph-note">There is no agent, model call or tool in this trace.</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="graph" tabIndex={0} aria-label="Graph">
      <Drawing graph={graph} selected={selected} />
      {graph.left > 0 ? (
        <p className="graph-note dim">{formatCount(graph.left, 'more node')} with fewer calls not drawn.</p>
      ) : null}
      <EdgeTable graph={graph} />
    </section>
  )
}

function Drawing({ graph, selected }: { graph: Graph; selected: string | undefined }): ReactNode {
  const { nodes, edges, width, height } = useMemo(() => layoutOf(graph), [graph])
  return (
    <div className="graph-drawing" style={{ width: width + 2 * MARGIN, height: height + 2 * MARGIN }}>
      <svg
        width={width + 2 * MARGIN}
        height={height + 2 * MARGIN}
        viewBox={`${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`}
        aria-hidden="true"
      >
        {edges.map(({ edge, line }) => (
          <path
            key={`${edge.from} ${edge.to}`}
            className={edge.errors > 0 ? 'edge failed' : 'edge'}
            d={line}
            strokeWidth={1 + Math.log10(edge.count)}
          />
        ))}
        {edges.map(({ edge: { from, to, count, errors }, label }) =>
          count > 1 || errors > 0 ? (
            <text
              key={`${from} ${to}`}
              className={errors > 0 ? 'edge failed' : 'edge'}
              x={label.x}
              y={label.y}
            >
              {errors > 0 ? `✕ ${errors} of ${count}` : `${count}×`}
            </text>
          ) : null,
        )}
      </svg>
      {nodes.map(({ node, left, top }) => (
        <NodeBox key={node.key} node={node} left={left} top={top} selected={selected} />
      ))}
    </div>
  )
}

function NodeBox({
  node,
  left,
  top,
  selected,
}: {
  node: GraphNode
  left: number
  top: number
  selected: string | undefined
}): ReactNode {
  const style: CSSProperties = {
    left: left + MARGIN,
    top: top + MARGIN,
    width: NODE.width,
    height: NODE.height,
  }
  const own = selected !== undefined && node.spans.includes(selected)
  const inside = (
    <>
      <span className="node-name">
        <span className={`kind kind-${node.kind}`}>
          <Icon name={words[node.kind].icon} />
        </span>
        <span className="sr">{words[node.kind].word} </span>
        <strong>{node.name}</strong>
      </span>
      {node.key === START ? null : (
        <span className="node-facts number dim">
          {formatCount(node.count, 'call')} · {formatDuration(BigInt(node.ns))}
          {node.errors > 0 ? <span className="error-text"> · {node.errors} failed</span> : null}
        </span>
      )}
    </>
  )
  if (node.key === START)
    return (
      <div className="node" style={style}>
        {inside}
      </div>
    )
  return (
    <Link
      className={`node of-${node.kind}${own ? ' selected' : ''}`}
      style={style}
      to={withParameters({ view: undefined, message: undefined, find: node.name, span: node.example })}
      title={`${node.name}: find its spans in the timeline`}
    >
      {inside}
    </Link>
  )
}

/** The same in words, the longest first. */
function EdgeTable({ graph: { nodes, edges } }: { graph: Graph }): ReactNode {
  const byKey = new Map(nodes.map((node) => [node.key, node]))
  const shown = edges
    .filter(({ from, to }) => byKey.has(from) && byKey.has(to))
    .toSorted((a, b) => b.ns - a.ns)
  if (shown.length === 0) return null
  return (
    <table className="graph-table number">
      <caption className="sr">Who called whom, the longest first</caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col">Calls</th>
          <th scope="col">Failed</th>
          <th scope="col">Time</th>
          <th scope="col">Tokens</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ from, to, count, errors, ns, tokens }) => (
          <tr key={`${from} ${to}`}>
            <td>{byKey.get(from)?.name}</td>
            <td>
              <span className={`kind kind-${byKey.get(to)?.kind}`}>
                <Icon name={words[byKey.get(to)?.kind ?? 'other'].icon} />
              </span>{' '}
              {byKey.get(to)?.name}
            </td>
            <td>{count.toLocaleString('en')}</td>
            <td className={errors > 0 ? 'error-text' : 'dim'}>{errors}</td>
            <td>{formatDuration(BigInt(ns))}</td>
            <td>{formatTokens(tokens)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
