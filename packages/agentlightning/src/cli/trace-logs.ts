// `agl traces logs`: the OTLP log records of a trace.
import type { Command } from 'commander'
import { note, say } from './output.ts'
import type { TraceSource } from './read/source.ts'
import { asJson, type CommonFlags, common, look, run, stringify } from './reading.ts'

const PAGE = '1000'

interface Flags extends CommonFlags {
  readonly span?: string
  readonly severity?: string
}

/** Adds the command to `agl traces`. */
export function traceLogsCommand(traces: Command): void {
  common(traces.command('logs'))
    .description('Prints the OTLP log records of a trace, oldest first.')
    .argument('<id>', 'trace id, or its beginning')
    .option('--span <id>', 'only those of one span')
    .option('--severity <level>', 'at least: trace, debug, info, warn, error or fatal')
    .addHelpText(
      'after',
      '\nConsole output that an AgentOps SDK uploaded is something else: agl traces show ID --logs',
    )
    .action((id: string, flags: Flags) => run<Flags>((source) => printLogs(source, id, flags))(flags))
}

async function printLogs(
  source: TraceSource,
  id: string,
  { span, severity, ...flags }: Flags,
): Promise<void> {
  const { renderLogRecords } = await import('./views/log-lines.ts')
  const parameters = {
    limit: PAGE,
    ...(span ? { span: span.toLowerCase() } : {}),
    ...(severity ? { severity } : {}),
  }
  let printed = 0
  let cursor: string | null = null
  do {
    const page = await source.traceLogs(
      id.toLowerCase(),
      cursor === null ? parameters : { ...parameters, cursor },
    )
    if (asJson(flags)) for (const record of page.records) say(stringify(record))
    else for (const line of renderLogRecords(page.records, look())) say(line)
    printed += page.records.length
    cursor = page.cursor
  } while (cursor !== null)
  if (printed === 0) note('No log records.')
}
