// What the commands that read have in common: where from, and in which form.
import { type Command, Option } from 'commander'
import { openSource, type TraceSource } from './read/source.ts'

/** Flags of every reading command. */
export interface CommonFlags {
  readonly dataDir?: string
  readonly json?: boolean
  readonly text?: boolean
}

/** Adds the flags of every reading command. */
export function common(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'data directory; read directly when no server runs on it')
    .option('--json', 'JSON: lists as NDJSON, a trace as one whole span a line')
    .addOption(new Option('--text', 'text for people, also without a terminal').conflicts('json'))
}

/** True where JSON is wanted: said, or not said and no terminal. */
export function asJson(flags: CommonFlags): boolean {
  return flags.json === true || (flags.text !== true && process.stdout.isTTY !== true)
}

/** How views are drawn on this output. */
export function look(): { width: number; color: boolean } {
  const terminal = process.stdout.isTTY === true
  return { width: process.stdout.columns ?? 120, color: terminal && !process.env.NO_COLOR }
}

/** JSON with bigints as decimal text, as the read API has them. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member))
}

/** The action of a command that reads: opens the source, works, closes it. */
export function run<Flags extends CommonFlags>(work: (source: TraceSource, flags: Flags) => Promise<void>) {
  return async (flags: Flags): Promise<void> => {
    const source = await openSource(flags.dataDir)
    try {
      await work(source, flags)
    } finally {
      await source.close()
    }
  }
}
