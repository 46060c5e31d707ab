// `agl calls`: model calls with their token ids, in the terminal and as a file.
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { AglError } from '../errors.ts'
import { note, say } from './output.ts'
import { openSource, type Parameters, parseAnswer, type TraceSource } from './read/source.ts'
import { asJson, type CommonFlags, common, look, run, stringify } from './reading.ts'
import { type CallAnswer, renderCall, renderCalls } from './views/calls.ts'
import { formatBytes } from './views/format.ts'

/** Milliseconds between two lines of progress on a terminal. */
const PROGRESS_MS = 250

interface FilterFlags {
  readonly trace?: string
  readonly run?: string
  readonly rollout?: string
  readonly attempt?: string
  readonly model?: string
  readonly verdict?: string
  readonly withIds?: boolean
  readonly withoutIds?: boolean
  readonly since?: string
  readonly until?: string
}

interface ListFlags extends CommonFlags, FilterFlags {
  readonly limit: string
  readonly cursor?: string
  readonly wait?: boolean
}

interface ExportFlags extends FilterFlags {
  readonly dataDir?: string
  readonly messages?: boolean
  readonly wait?: boolean
}

/** The command `agl calls` with all that is below it. */
export function callsCommand(): Command {
  const calls = new Command('calls')
    .summary('list, show and export model calls with token ids')
    .description(
      'Model calls: those through the gateway, and those that a span alone tells of. Without a terminal, lists are NDJSON.',
    )
    .helpCommand(false)
  const list = common(calls.command('list'))
    .description('Lists calls, newest first, with the verdict on their token ids.')
    .option('-n, --limit <n>', 'how many, 1 to 1000', '20')
    .option('--cursor <cursor>', 'go on after the page before (its cursor is printed)')
    .option('--wait', 'wait until everything that was acknowledged is listed')
  filters(list).action(run<ListFlags>(listCalls))
  common(calls.command('show'))
    .description('Shows one call: ids, verdict, request and reply. The beginning of an id is enough.')
    .argument('<id>', 'id of the call, or its beginning')
    .option('--ids', 'print all ids, not only the first ones')
    .action(async (id: string, flags: CommonFlags & { ids?: boolean }) =>
      run<typeof flags>((source) => showCall(source, id, flags))(flags),
    )
  const exporting = calls
    .command('export')
    .description('Writes calls with their token ids to a file, one JSON object a line; `-` is stdout.')
    .argument('<file>', 'FILE.jsonl, or - for stdout')
    .option('--messages', 'with request and reply')
    .option('--wait', 'wait until everything that was acknowledged is there')
    .option('--data-dir <dir>', 'data directory; read directly when no server runs on it')
  filters(exporting).action(exportCalls)
  return calls
}

function filters(command: Command): Command {
  return command
    .option('--trace <id>', 'of one trace')
    .option('--run <id>', 'of one run, or of traces with its tag')
    .option('--rollout <id>', 'of one rollout')
    .option('--attempt <id>', 'of one attempt')
    .option('--model <name>', 'the model that answered, else the one asked for')
    .option('--verdict <code>', 'with this verdict, e.g. ids.complete')
    .option('--with-ids', 'only with prompt and response ids')
    .addOption(new Option('--without-ids', 'only without').conflicts('withIds'))
    .option('--since <time>', 'started at or after: 15m, 2h, 7d, or ISO 8601')
    .option('--until <time>', 'started before')
}

async function listCalls(source: TraceSource, flags: ListFlags): Promise<void> {
  if (flags.wait) await source.settle()
  const parameters = { ...chosen(flags), limit: flags.limit }
  const page = await source.calls(flags.cursor ? { ...parameters, cursor: flags.cursor } : parameters)
  if (asJson(flags)) for (const call of page.calls) say(stringify(call))
  else if (page.calls.length > 0)
    say(renderCalls(page.calls, { ...look(), nowNs: BigInt(Date.now()) * 1_000_000n }).join('\n'))
  if (page.calls.length === 0) note('No calls.')
  if (page.cursor !== null) note(`More: --cursor ${page.cursor}`)
}

async function showCall(
  source: TraceSource,
  id: string,
  flags: CommonFlags & { ids?: boolean },
): Promise<void> {
  const text = await source.call(id)
  if (asJson(flags)) return say(text)
  say(renderCall(parseAnswer<CallAnswer>(text), { ...look(), all: flags.ids === true }).join('\n'))
}

async function exportCalls(file: string, flags: ExportFlags): Promise<void> {
  const source = await openSource(flags.dataDir)
  try {
    if (flags.wait) await source.settle()
    const parameters = { ...chosen(flags), ...(flags.messages ? { messages: '1' } : {}) }
    const lines = source.exportCalls(parameters)
    const written = file === '-' ? await toStdout(lines) : await toFile(file, lines)
    note(`${written.calls} calls, ${formatBytes(written.bytes)}${file === '-' ? '' : ` in ${file}`}`)
  } finally {
    await source.close()
  }
}

/** Under another name until it is whole: what bears the name is never half a file. */
async function toFile(file: string, lines: AsyncIterable<string>): Promise<Written> {
  const unfinished = `${file}.part`
  const out = createWriteStream(unfinished, { mode: 0o600 })
  try {
    const written = await writeLines(lines, out)
    await new Promise<void>((resolve, reject) => {
      out.on('error', reject)
      out.end(resolve)
    })
    await rename(unfinished, file)
    return written
  } catch (error) {
    out.destroy()
    await rm(unfinished, { force: true })
    const { code } = error as NodeJS.ErrnoException
    if (typeof code !== 'string' || code.startsWith('AGL_')) throw error
    throw new AglError('AGL_BAD_REQUEST', { what: `${file} cannot be written: ${code}.` }, error)
  }
}

function toStdout(lines: AsyncIterable<string>): Promise<Written> {
  return writeLines(lines, process.stdout)
}

interface Written {
  readonly calls: number
  readonly bytes: number
}

async function writeLines(lines: AsyncIterable<string>, out: NodeJS.WritableStream): Promise<Written> {
  let failure: unknown
  const failed = new Promise<never>((_, reject) => out.once('error', reject))
  failed.catch((error: unknown) => {
    failure = error
  })
  let [calls, bytes, told] = [0, 0, Date.now()]
  const terminal = process.stderr.isTTY === true
  for await (const line of lines) {
    if (failure) throw failure
    calls++
    bytes += Buffer.byteLength(line) + 1
    if (!out.write(`${line}\n`))
      await Promise.race([failed, new Promise<void>((resolve) => out.once('drain', resolve))])
    if (terminal && Date.now() - told > PROGRESS_MS) {
      told = Date.now()
      process.stderr.write(`\r${calls} calls, ${formatBytes(bytes)} …`)
    }
  }
  if (failure) throw failure
  if (terminal) process.stderr.write('\r\u001b[K')
  return { calls, bytes }
}

function chosen(flags: FilterFlags): Parameters {
  const names = ['trace', 'run', 'rollout', 'attempt', 'model', 'verdict', 'since', 'until'] as const
  const given = names.flatMap((name) => {
    const value = flags[name]
    return value === undefined ? [] : [[name, name === 'trace' ? value.toLowerCase() : value] as const]
  })
  const ids = flags.withIds ? 'yes' : flags.withoutIds ? 'no' : undefined
  return { ...Object.fromEntries(given), ...(ids === undefined ? {} : { ids }) }
}
