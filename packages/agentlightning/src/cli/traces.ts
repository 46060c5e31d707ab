// `agl traces`: what was recorded, in the terminal.
import { Command, Option } from 'commander'
import type { TraceSummary, TreeSpan } from '../store/contract.ts'
import { runTag } from '../trace/run-tag.ts'
import { note, say } from './output.ts'
import type { Parameters, TraceSource } from './read/source.ts'
import { asJson, type CommonFlags, common, look, run, stringify } from './reading.ts'
import { traceLogsCommand } from './trace-logs.ts'
import { renderTraces } from './views/table.ts'
import { renderTrace } from './views/tree.ts'

/** Rows of a trace that are drawn; a larger one is exported, not read on a terminal. */
const MAX_DRAWN_SPANS = 100_000
const PAGE = 5000
/** Seconds that one request of `tail` waits for a change. */
const TAIL_WAIT_S = 20

/** The command `agl traces` with all that is below it. */
export function tracesCommand(): Command {
  const traces = new Command('traces')
    .summary('list, show, follow and delete recorded traces')
    .description(
      'Shows what the server recorded. Without a terminal, lists are NDJSON: one JSON object a line.',
    )
    .helpCommand(false)
  const list = common(traces.command('list'))
    .description('Lists traces, newest first.')
    .option('-n, --limit <n>', 'how many, 1 to 1000', '20')
    .option('--cursor <cursor>', 'go on after the page before (its cursor is printed)')
    .option('--wait', 'wait until everything that was acknowledged is listed')
  filters(list).action(run<Record<string, string> & CommonFlags>(listTraces))
  common(traces.command('show'))
    .description('Shows a trace as a tree, or one span of it in full. The beginning of an id is enough.')
    .argument('<id>', 'trace id, or its beginning')
    .option('--span <id>', 'one span with all its attributes, events and links')
    .option('--all', 'draw each of many siblings with one name')
    .option('--logs', "print the program's console output that was uploaded for the trace")
    .action(runOn<CommonFlags & { span?: string; all?: boolean; logs?: boolean }>(showTrace))
  traceLogsCommand(traces)
  filters(common(traces.command('tail')))
    .description('Prints traces as they arrive and change, and which are removed, until Ctrl-C.')
    .action(run<Record<string, string> & CommonFlags>(tailTraces))
  common(traces.command('delete'))
    .description('Deletes a trace: it is hidden at once, and its bytes go with the segment they are in.')
    .argument('<id>', 'trace id, or its beginning')
    .action(runOn<CommonFlags>(deleteTrace))
  return traces
}

const filterNames = [
  'status',
  'name',
  'service',
  'agent',
  'model',
  'tag',
  'session',
  'user',
  'project',
  'since',
  'until',
]

function filters(command: Command): Command {
  return command
    .option('--status <status>', 'ok, error or running')
    .option('--name <text>', 'part of the name, in any case')
    .option('--service <name>', 'service.name')
    .option('--agent <name>', 'agent')
    .option('--model <name>', 'a model that was called')
    .option('--tag <tag>', 'a tag')
    .addOption(new Option('--run <id>', 'of one `agl run`: with its tag').conflicts('tag'))
    .option('--session <id>', 'session')
    .option('--user <id>', 'user')
    .option('--project <id>', 'project')
    .option('--since <time>', 'started at or after: 15m, 2h, 7d, or ISO 8601')
    .option('--until <time>', 'started before')
}

async function listTraces(source: TraceSource, flags: Record<string, string> & CommonFlags): Promise<void> {
  if (flags.wait) await source.settle()
  const parameters = { ...chosen(flags), limit: flags.limit as string }
  const page = await source.list(flags.cursor ? { ...parameters, cursor: flags.cursor } : parameters)
  printTraces(page.traces, flags)
  if (page.traces.length === 0) note('No traces.')
  if (page.cursor !== null) note(`More: --cursor ${page.cursor}`)
}

async function showTrace(
  source: TraceSource,
  id: string,
  flags: CommonFlags & { span?: string; all?: boolean; logs?: boolean },
): Promise<void> {
  if (flags.logs) {
    const { logs } = await source.logs(id)
    if (asJson(flags)) for (const log of logs) say(stringify(log))
    else for (const { text } of logs) process.stdout.write(printable(text))
    return
  }
  if (flags.span !== undefined) {
    const span = await source.span(id, flags.span)
    if (asJson(flags)) return say(span)
    const { renderSpan } = await import('./views/span.ts')
    return say(renderSpan(JSON.parse(span), { ...look(), all: flags.all === true }).join('\n'))
  }
  if (asJson(flags)) {
    for await (const line of source.export(id)) if (!process.stdout.write(`${line}\n`)) await drained()
    return
  }
  const { trace, spans } = await wholeTree(source, id)
  say(renderTrace(trace, spans, { ...look(), all: flags.all === true }).join('\n'))
  if (spans.length < trace.spans) note(`${spans.length} of ${trace.spans} spans are drawn; --json gives all.`)
}

async function tailTraces(source: TraceSource, flags: Record<string, string> & CommonFlags): Promise<void> {
  const { traces } = await source.list({ ...chosen(flags), limit: '10' })
  printTraces(traces.toReversed(), flags)
  let after = Math.max(0, ...traces.map(({ change }) => change))
  for (;;) {
    const answer = await source.changes({ after: String(after), wait: String(TAIL_WAIT_S) })
    after = answer.change
    const matching = await matches(source, answer.traces, flags)
    printTraces(matching, flags)
    printRemoved(answer.removed, flags)
  }
}

/** Traces that were deleted or went with their segment; what a filter would have said of them is not known any more. */
function printRemoved(removed: readonly string[], flags: CommonFlags): void {
  for (const traceId of removed)
    say(asJson(flags) ? JSON.stringify({ removed: traceId }) : `Removed ${traceId}`)
}

/** Those of `changed` that the filters let through, asked of the server: one meaning of a filter, not two. */
async function matches(
  source: TraceSource,
  changed: readonly TraceSummary[],
  flags: Record<string, string>,
): Promise<TraceSummary[]> {
  const filter = chosen(flags)
  if (Object.keys(filter).length === 0) return [...changed]
  const found: TraceSummary[] = []
  for (const { traceId } of changed) {
    const { traces } = await source.list({ ...filter, id: traceId, limit: '1' })
    if (traces[0]) found.push(traces[0])
  }
  return found
}

async function deleteTrace(source: TraceSource, id: string, flags: CommonFlags): Promise<void> {
  const deleted = await source.remove(id)
  say(asJson(flags) ? JSON.stringify({ deleted }) : `Deleted trace ${deleted}.`)
}

async function wholeTree(
  source: TraceSource,
  id: string,
): Promise<{ trace: TraceSummary; spans: TreeSpan[] }> {
  let page = await source.trace(id, { limit: String(PAGE) })
  const { trace } = page
  const spans = page.spans
  while (page.cursor !== null && spans.length < MAX_DRAWN_SPANS) {
    page = await source.trace(trace.traceId, { limit: String(PAGE), cursor: page.cursor })
    for (const span of page.spans) spans.push(span)
  }
  return { trace, spans }
}

function printTraces(traces: readonly TraceSummary[], flags: CommonFlags): void {
  if (asJson(flags)) for (const trace of traces) say(stringify(trace))
  else if (traces.length > 0) {
    say(renderTraces(traces, { ...look(), nowNs: BigInt(Date.now()) * 1_000_000n }).join('\n'))
  }
}

function chosen({ run: ofRun, ...flags }: Record<string, string>): Parameters {
  const given = filterNames.flatMap((name) =>
    flags[name] === undefined ? [] : [[name, flags[name] as string] as const],
  )
  return { ...Object.fromEntries(given), ...(ofRun === undefined ? {} : { tag: runTag(ofRun) }) }
}

/** Console text without what would steer the terminal; lines and tabs stay. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the purpose
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}

function drained(): Promise<void> {
  return new Promise((resolve) => process.stdout.once('drain', resolve))
}

function runOn<Flags extends CommonFlags>(
  work: (source: TraceSource, id: string, flags: Flags) => Promise<void>,
) {
  return async (id: string, flags: Flags): Promise<void> => {
    await run<Flags>((source) => work(source, id.toLowerCase(), flags))(flags)
  }
}
