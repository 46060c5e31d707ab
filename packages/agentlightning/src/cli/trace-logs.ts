// `agl traces logs`: OTLP log records, of one trace or of all.
import type { Command } from 'commander'
import type { LogRecordSummary } from '../store/signals.ts'
import { note, say } from './output.ts'
import type { Parameters, TraceSource } from './read/source.ts'
import { asJson, type CommonFlags, common, look, run, stringify } from './reading.ts'
import { renderLogRecords } from './views/log-lines.ts'

const PAGE = '1000'
const NEWEST = '100'

interface Flags extends CommonFlags {
  readonly span?: string
  readonly severity?: string
  readonly service?: string
  readonly contains?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: string
  readonly cursor?: string
}

/** Flags that mean something for all traces only. */
const ofAll = ['service', 'contains', 'since', 'until', 'limit', 'cursor'] as const

/** Adds the command to `agl traces`. */
export function traceLogsCommand(traces: Command): void {
  common(traces.command('logs'))
    .description(
      'Prints the OTLP log records of a trace, oldest first; without an ID those of all, newest first.',
    )
    .argument('[id]', 'trace id, or its beginning')
    .option('--span <id>', 'only those of one span of the trace')
    .option('--severity <level>', 'at least: trace, debug, info, warn, error or fatal')
    .option('--service <name>', 'service.name (without an ID)')
    .option('--contains <text>', 'part of the line, in any case (without an ID)')
    .option('--since <time>', 'at or after: 15m, 2h, 7d, or ISO 8601 (without an ID)')
    .option('--until <time>', 'before (without an ID)')
    .option('-n, --limit <n>', `how many, 1 to 1000; default ${NEWEST} (without an ID)`)
    .option('--cursor <cursor>', 'go on after the page before (without an ID)')
    .addHelpText(
      'after',
      '\nConsole output that an AgentOps SDK uploaded is something else: agl traces show ID --logs' +
        '\nThe log of the server itself is: agl agentops logs',
    )
    .action((id: string | undefined, flags: Flags, command: Command) => {
      const wrong =
        id === undefined ? (flags.span === undefined ? undefined : 'span') : ofAll.find((name) => flags[name])
      if (wrong !== undefined)
        command.error(
          `error: --${wrong} is for ${id === undefined ? 'the logs of a trace: name its ID' : 'the logs of all traces, without an ID'}`,
        )
      const print = id === undefined ? printAll : printOfTrace(id.toLowerCase())
      return run<Flags>(print)(flags)
    })
}

/** A page of the newest. */
async function printAll(source: TraceSource, flags: Flags): Promise<void> {
  const { contains, severity, service, since, until, cursor, limit = NEWEST } = flags
  const page = await source.allLogs(given({ limit, severity, service, since, until, cursor, text: contains }))
  print(page.records, flags)
  if (page.records.length === 0) note('No log records.')
  if (page.cursor !== null) note(`More: --cursor ${page.cursor}`)
}

function printOfTrace(id: string) {
  return async (source: TraceSource, flags: Flags): Promise<void> => {
    const parameters = { limit: PAGE, span: flags.span?.toLowerCase(), severity: flags.severity }
    let printed = 0
    let cursor: string | undefined
    do {
      const page = await source.traceLogs(id, given({ ...parameters, cursor }))
      print(page.records, flags)
      printed += page.records.length
      cursor = page.cursor ?? undefined
    } while (cursor !== undefined)
    if (printed === 0) note('No log records.')
  }
}

function print(records: readonly LogRecordSummary[], flags: Flags): void {
  if (asJson(flags)) for (const record of records) say(stringify(record))
  else for (const line of renderLogRecords(records, look())) say(line)
}

function given(parameters: Readonly<Record<string, string | undefined>>): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}
