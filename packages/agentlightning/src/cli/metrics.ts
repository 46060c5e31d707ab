// `agl metrics`: series that were recorded, and their points, in the terminal.
import { Command } from 'commander'
import { AglError } from '../errors.ts'
import type { MetricSeries } from '../store/signals.ts'
import { note, say } from './output.ts'
import type { Parameters, TraceSource } from './read/source.ts'
import { asJson, type CommonFlags, common, look, run, stringify } from './reading.ts'

/** Series of one name that are drawn. */
const MOST_DRAWN = 50

interface ListFlags extends CommonFlags {
  readonly limit: string
  readonly cursor?: string
  readonly name?: string
  readonly service?: string
}

interface ShowFlags extends CommonFlags {
  readonly service?: string
  readonly since?: string
  readonly until?: string
}

/** The command `agl metrics` with all that is below it. */
export function metricsCommand(): Command {
  const metrics = new Command('metrics')
    .summary('list and show recorded metrics')
    .description('Shows OTLP metrics as plain series. Without a terminal, lists are NDJSON.')
    .helpCommand(false)
  common(metrics.command('list'))
    .description('Lists series by name, each with its newest value.')
    .option('-n, --limit <n>', 'how many, 1 to 1000', '200')
    .option('--cursor <cursor>', 'go on after the page before (its cursor is printed)')
    .option('--name <text>', 'part of the name, in any case')
    .option('--service <name>', 'service.name')
    .action(run<ListFlags>(listSeries))
  common(metrics.command('show'))
    .description('Draws the series of a metric. With --json: a line for each series, with its points.')
    .argument('<name>', 'name of the metric, or a part of it')
    .option('--service <name>', 'service.name')
    .option('--since <time>', 'points at or after: 15m, 2h, 7d, or ISO 8601')
    .option('--until <time>', 'points before')
    .action((name: string, flags: ShowFlags) =>
      run<ShowFlags>((source) => showMetric(source, name, flags))(flags),
    )
  return metrics
}

async function listSeries(source: TraceSource, flags: ListFlags): Promise<void> {
  const { limit, cursor, name, service } = flags
  const page = await source.metrics(given({ limit, cursor, name, service }))
  if (asJson(flags)) for (const series of page.series) say(stringify(series))
  else if (page.series.length > 0) {
    const { renderSeries } = await import('./views/metrics.ts')
    say(renderSeries(page.series, look()).join('\n'))
  }
  if (page.series.length === 0) note('No metrics.')
  if (page.cursor !== null) note(`More: --cursor ${page.cursor}`)
}

async function showMetric(source: TraceSource, name: string, flags: ShowFlags): Promise<void> {
  const { service, since, until } = flags
  const page = await source.metrics(given({ name, service, limit: '1000' }))
  const exact = page.series.filter((series) => series.name === name)
  const chosen: readonly MetricSeries[] = exact.length > 0 ? exact : page.series
  if (chosen.length === 0) {
    throw new AglError('AGL_NOT_FOUND', {
      what: `A metric named ${name}`,
      todo: 'See `agl metrics list` for the series there are.',
    })
  }
  const { renderPoints } = await import('./views/metrics.ts')
  for (const { id } of chosen.slice(0, asJson(flags) ? chosen.length : MOST_DRAWN)) {
    const points = await source.metricPoints(given({ series: id, since, until }))
    say(asJson(flags) ? stringify(points) : renderPoints(points, look()).join('\n'))
  }
  const left = chosen.length - MOST_DRAWN
  if (left > 0 && !asJson(flags)) note(`${left} more series; --json gives all.`)
}

function given(values: Readonly<Record<string, string | undefined>>): Parameters {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
