// `agl`: finds the command and loads it. Nothing is imported here that the chosen command does not need.
import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import { fail, ignoreClosedOutput, say } from './output.ts'

interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Command>
}

const entries: readonly Entry[] = [
  {
    name: 'agentops',
    summary: 'run the local AgentOps and OpenTelemetry server',
    load: async () => (await import('./agentops.ts')).agentopsCommand(),
  },
  {
    name: 'run',
    summary: 'run a program with everything it needs to be recorded',
    load: async () => (await import('./run/command.ts')).runCommand(),
  },
  {
    name: 'traces',
    summary: 'list, show, follow and delete recorded traces',
    load: async () => (await import('./traces.ts')).tracesCommand(),
  },
  {
    name: 'calls',
    summary: 'list, show and export model calls with token ids',
    load: async () => (await import('./calls.ts')).callsCommand(),
  },
  {
    name: 'metrics',
    summary: 'list and show recorded metrics',
    load: async () => (await import('./metrics.ts')).metricsCommand(),
  },
  {
    name: 'gateway',
    summary: 'check the model servers behind the gateway',
    load: async () => (await import('./gateway.ts')).gatewayCommand(),
  },
  {
    name: 'doctor',
    summary: 'find out why spans or token ids are missing',
    load: async () => (await import('./doctor/command.ts')).doctorCommand(),
  },
  {
    name: 'reindex',
    summary: 'rebuild the index from the log',
    load: async () => (await import('./reindex.ts')).reindexCommand(),
  },
]

/** Exit status of a command line that is not understood. */
const usageStatus = 2

/**
 * Runs one command line and sets the exit status of this process.
 *
 * @param args what follows `agl`
 */
export async function main(args: readonly string[]): Promise<void> {
  ignoreClosedOutput()
  try {
    const status = await run(args)
    if (status !== undefined) process.exitCode = status
  } catch (error) {
    process.exitCode = fail(error)
  }
}

async function run(args: readonly string[]): Promise<number | undefined> {
  const program = agl()
  const entry = entries.find(({ name }) => name === args[0])
  for (const { name, summary } of entries) {
    if (name !== entry?.name) program.command(name).summary(summary).helpOption(false)
  }
  if (entry) program.addCommand(quiet(await entry.load()))
  if (args.length === 0) {
    program.outputHelp({ error: true })
    return usageStatus
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : usageStatus
  }
  return undefined
}

function agl(): Command {
  const program = new Command('agl')
  program
    .description('Agent Lightning: records what LLM agents do, on this machine.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', '\nStart here:  agl agentops\nMore about a command:  agl COMMAND --help')
  return quiet(program)
}

/** Errors of the command line as one line and a hint, for this command and all below it. */
function quiet(command: Command): Command {
  const path = fullName(command)
  command
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => say(text.trimEnd()),
      writeErr: (text) => process.stderr.write(text),
      outputError: (text, write) => write(errorLine(text, fullName(command) || path)),
    })
  for (const child of command.commands) quiet(child)
  return command
}

function errorLine(text: string, command: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
  return `${command}: ${line}. See \`${command} --help\`.\n`
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name()
}
