// The totals of a trace as text, for the writer to go on from. Ranks are written once: mostly one span, the
// root, gives all texts.
import { formatLatency, type HourSums, Hours, parseLatency } from './hours.ts'
import { type Ranked, rankedFields, type Totals } from './totals.ts'

type RankJson = readonly [root: 0 | 1, start: string, span: string]

interface TotalsJson {
  readonly at: readonly [start: string, end: string]
  /** spans, errors, calls, tools, callsWithIds, rootStatus */
  readonly n: readonly number[]
  /** llmTime, toolTime */
  readonly d: readonly [llm: string, tool: string]
  /** input, output, total and their carriers; cost apart */
  readonly u: readonly number[]
  readonly c: readonly [cost: string, carriers: number]
  readonly r: readonly RankJson[]
  /** Of each ranked field: index of its rank and value, or 0. */
  readonly f: readonly (readonly [rank: number, value: number] | 0)[]
  readonly e: readonly [rank: number, text: string] | 0
  readonly m: readonly number[]
  readonly t: readonly number[]
  readonly h: readonly HourJson[]
}

type HourJson = readonly [
  hour: number,
  service: number,
  model: number,
  spans: number,
  errors: number,
  calls: number,
  input: number,
  output: number,
  total: number,
  cost: string,
  latency: string | null,
]

/** Totals as JSON; `base` is what pruned spans added. */
export function formatTotals(totals: Totals, base: Totals | undefined): string {
  return JSON.stringify(base ? [encode(totals), encode(base)] : [encode(totals)])
}

/** Reads what `formatTotals` wrote. */
export function parseTotals(text: string): { totals: Totals; base: Totals | undefined } {
  const [totals, base] = JSON.parse(text) as [TotalsJson, TotalsJson?]
  return { totals: decode(totals), base: base ? decode(base) : undefined }
}

/** An independent copy. */
export function copyTotals(totals: Totals): Totals {
  return decode(encode(totals))
}

function encode(totals: Totals): TotalsJson {
  const { usage, carriers } = totals
  const ranks: RankJson[] = []
  const rankIndex = (ranked: Ranked<unknown>): number => {
    const start = String(ranked.start)
    const root = ranked.root ? 1 : 0
    const known = ranks.findIndex((rank) => rank[0] === root && rank[1] === start && rank[2] === ranked.span)
    return known >= 0 ? known : ranks.push([root, start, ranked.span]) - 1
  }
  return {
    at: [String(totals.start), String(totals.end)],
    n: [totals.spans, totals.errors, totals.calls, totals.tools, totals.callsWithIds, totals.rootStatus],
    d: [String(totals.llmTime), String(totals.toolTime)],
    u: [usage.input, usage.output, usage.total, carriers.input, carriers.output, carriers.total],
    c: [String(usage.cost), carriers.cost],
    f: rankedFields.map((field) => {
      const ranked = totals.ranked[field]
      return ranked ? ([rankIndex(ranked), ranked.value] as const) : 0
    }),
    e: totals.error ? [rankIndex(totals.error), totals.error.value] : 0,
    r: ranks,
    m: totals.models.slice(),
    t: totals.tags.slice(),
    h: totals.hours.nonZero().map(encodeHour),
  }
}

function decode(json: TotalsJson): Totals {
  const [spans = 0, errors = 0, calls = 0, tools = 0, callsWithIds = 0, rootStatus = 0] = json.n
  const [input = 0, output = 0, total = 0, inputs = 0, outputs = 0, totals = 0] = json.u
  const ranked = <Value>(entry: readonly [number, Value] | 0 | undefined): Ranked<Value> | undefined => {
    if (!entry) return undefined
    const [root, start, span] = json.r[entry[0]] as RankJson
    return { root: root === 1, start: BigInt(start), span, value: entry[1] }
  }
  const [name, service, agent, session, user, endState] = json.f
  return {
    start: BigInt(json.at[0]),
    end: BigInt(json.at[1]),
    spans,
    errors,
    calls,
    tools,
    llmTime: BigInt(json.d[0]),
    toolTime: BigInt(json.d[1]),
    callsWithIds,
    rootStatus,
    usage: { input, output, total, cost: BigInt(json.c[0]) },
    carriers: { input: inputs, output: outputs, total: totals, cost: json.c[1] },
    ranked: {
      name: ranked(name),
      service: ranked(service),
      agent: ranked(agent),
      session: ranked(session),
      user: ranked(user),
      endState: ranked(endState),
    },
    error: ranked(json.e),
    models: [...json.m],
    tags: [...json.t],
    hours: decodeHours(json.h),
  }
}

function encodeHour(sums: HourSums): HourJson {
  const { hour, service, model, spans, errors, calls, input, output, total, cost, latency } = sums
  return [
    hour,
    service,
    model,
    spans,
    errors,
    calls,
    input,
    output,
    total,
    String(cost),
    formatLatency(latency),
  ]
}

function decodeHours(rows: readonly HourJson[]): Hours {
  const hours = new Hours()
  for (const [hour, service, model, spans, errors, calls, input, output, total, cost, latency] of rows) {
    const sums = { spans, errors, calls, input, output, total, cost: BigInt(cost) }
    Object.assign(hours.at({ hour, service, model }), sums, { latency: parseLatency(latency) })
  }
  return hours
}
