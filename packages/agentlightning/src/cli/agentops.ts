// `agl agentops`: its subcommands and their flags. What they do is loaded when one is chosen.
import { Command } from 'commander'
import { AglError } from '../errors.ts'
import type { RawFlags } from './settings.ts'

type Work<T> = (flags: T) => Promise<number>

/** The command `agl agentops` with all that is below it. */
export function agentopsCommand(): Command {
  const agentops = withServerFlags(new Command('agentops'))
    .summary('run the local AgentOps and OpenTelemetry server')
    .description(
      'Runs a server on this machine to which AgentOps SDKs and any OpenTelemetry exporter send.\n' +
        'What it acknowledges is on the disk; `agl traces` shows it.',
    )
    .usage('[start] [options]\n       agl agentops COMMAND [options]')
    .helpCommand(false)
    .addHelpText('after', epilogue)
  agentops.action(async (flags: RawFlags, command: Command) => {
    const [unknown] = command.args
    if (unknown !== undefined) throw unknownCommand(unknown, command)
    await done(startWork)(flags)
  })
  withServerFlags(agentops.command('start'))
    .description('Starts the server, as `agl agentops` does.')
    .action(runs(startWork))
  withDataDir(agentops.command('status'))
    .description('Tells whether a server runs, where, and what it received.')
    .option('--json', 'print one JSON object')
    .action(runs<RawFlags & { json?: boolean }>(async (flags) => (await import('./status.ts')).status(flags)))
  withDataDir(agentops.command('stop'))
    .description('Stops the server, whichever shell started it.')
    .action(runs<RawFlags>(async (flags) => (await import('./stop.ts')).stop(flags)))
  withServerFlags(agentops.command('restart'))
    .description('Stops the server and starts it in the background, with its settings and those given here.')
    .action(runs<RawFlags>(async (flags) => (await import('./restart.ts')).restart(flags)))
  withDataDir(agentops.command('logs'))
    .description('Prints the log of a server in the background.')
    .option('-f, --follow', 'go on as it grows, until Ctrl-C')
    .option('-n, --lines <n>', 'print the last N lines', '200')
    .action(
      runs<RawFlags & { follow?: boolean; lines: string }>(async (flags) =>
        (await import('./logs.ts')).logs(flags),
      ),
    )
  withDataDir(agentops.command('env'))
    .description('Prints the settings for a client, e.g. for `eval "$(agl agentops env)"`.')
    .option('--shell <shell>', 'sh, fish, powershell, json or env-file (default: the shell in use)')
    .option('--hooks', 'also those that load the hooks into Python and Node, as `agl run` does')
    .action(
      runs<RawFlags & { shell?: string; hooks?: boolean }>(async (flags) =>
        (await import('./env.ts')).env(flags),
      ),
    )
  withDataDir(agentops.command('open'))
    .description('Opens the running server in the browser.')
    .action(runs<RawFlags>(async (flags) => (await import('./open.ts')).open(flags)))
  // Said only now: the subcommands above would inherit it.
  return agentops.allowExcessArguments()
}

const startWork: Work<RawFlags> = async (flags) => (await import('./start.ts')).start(flags)

const epilogue = `
Every option has an environment variable: AGL_ and its name, e.g. AGL_PORT, AGL_DATA_DIR, AGL_LOG_LEVEL.
AGL_ALLOW_HOST, AGL_ALLOW_ORIGIN and AGL_UPSTREAM take lists with commas. An option wins over its variable.

Without --port the server takes 8002, or a free port when that is in use, and says so.
Ctrl-C, SIGTERM and SIGHUP let it finish what it received and end it; a second Ctrl-C ends it at once.

Exit status: 0 done, also after Ctrl-C, SIGTERM and SIGHUP, and when it was already running;
1 failed; 2 the command line is wrong; 3 (status) no server runs; 130 after a second Ctrl-C.`

function withServerFlags(command: Command): Command {
  return withDataDir(command)
    .option('--port <n>', 'port to listen on; 0 takes a free one (default: 8002)')
    .option('--grpc-port <n>', 'also listen on this port, for OTLP/gRPC; 0 takes a free one')
    .option('--otlp-ports', 'also listen where exporters send by default: 4317 (gRPC) and 4318 (HTTP)')
    .option('--daemon', 'run in the background, and return when it answers')
    .option('--host <address>', 'address to listen on (default: this machine only)')
    .option('--store <kind>', 'sqlite, or memory: nothing is kept (default: sqlite)')
    .option('--open', 'open the server in the browser')
    .option('--log-level <level>', 'silent, error, warn, info, debug or trace (default: info)')
    .option('--api-key <key>', 'key that clients must send; needed to listen beyond this machine')
    .option('--require-key', 'demand the key on this machine too')
    .option('--insecure', 'listen beyond this machine without a key')
    .option('--allow-host <name>', 'also answer requests for this host name (repeatable)', append)
    .option('--allow-origin <origin>', 'also let web pages of this origin read (repeatable)', append)
    .option('--max-disk <size>', 'remove the oldest traces above this size (default: 10GB)')
    .option('--upstream <url>', 'model server behind /gateway, as URL or NAME=URL (repeatable)', append)
    .option('--upstreams <file>', 'JSON file of model servers, see docs/gateway.md')
    .option('--keep-token-ids', 'leave in replies the token ids that only the gateway asked for')
    .option('--stream-comments <seconds>', 'comment line in streams that are silent so long (default: none)')
    .option('--upstream-timeout <seconds>', 'give a model call up after this time (default: never)')
}

function withDataDir(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'where the data is (default: .agl if it exists, else one per user)')
    .helpOption('-h, --help', 'print this help')
}

function append(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value]
}

function done<T>(work: Work<T>): Work<T> {
  return async (flags) => {
    process.exitCode = await work(flags)
    return process.exitCode as number
  }
}

// Options may stand before the name of a subcommand as well: `agl agentops --data-dir DIR status`.
function runs<T>(work: Work<T>): (flags: T, command: Command) => Promise<void> {
  return async (_, command) => {
    await done(work)(command.optsWithGlobals() as T)
  }
}

function unknownCommand(name: string, agentops: Command): AglError {
  const known = agentops.commands.map((command) => command.name()).join(', ')
  return new AglError('AGL_BAD_ARGUMENT', {
    what: `agl agentops: unknown command '${name}'.`,
    todo: `Commands are: ${known}. See \`agl agentops --help\`.`,
  })
}
