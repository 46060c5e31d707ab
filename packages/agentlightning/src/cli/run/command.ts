// `agl run`: its flags. What it does is loaded when it is called.
import { Command } from 'commander'
import type { RunFlags } from './run.ts'

const epilogue = `
Environment of the command: AgentOps and OpenTelemetry send to the local server; OPENAI_BASE_URL, OPENAI_API_BASE and
ANTHROPIC_BASE_URL lead through its gateway to what they named before; hooks for Python and Node record token ids in
the program. An own OTEL_EXPORTER_OTLP_ENDPOINT stays. AGL_RUN_ID, AGL_ROLLOUT_ID, AGL_ATTEMPT_ID and AGL_SERVER_URL
are set. See docs/run.md.

The server is the one of the data directory. One that is started here goes on in the background, so that the traces
can be looked at: \`agl agentops stop\` ends it.

Examples:
  agl run -- python agent.py
  agl run --upstream http://localhost:8000/v1 --rollout r-7 --attempt 0 -- python rollout.py
  agl run --tag nightly -- sh -c 'python plan.py | python act.py'

Exit status: that of the command, 128 + n after signal n; 127 it was not found; 126 it cannot be executed;
1 the server does not start or refuses; 2 the command line is wrong.`

/** The command `agl run`. */
export function runCommand(): Command {
  return new Command('run')
    .summary('run a program with everything it needs to be recorded')
    .description(
      'Runs a program, unchanged, so that its traces and model calls are recorded by the local server, ' +
        'which is started if none runs. Standard streams, signals and exit status are the program’s.',
    )
    .usage('[options] -- COMMAND [ARGUMENTS]')
    .argument('<command...>')
    .option('--rollout <id>', 'rollout that its calls belong to (default: AGL_ROLLOUT_ID, else the run)')
    .option('--attempt <id>', 'attempt of the rollout (default: AGL_ATTEMPT_ID)')
    .option('--tag <tag>', 'tag of its traces (repeatable)', append)
    .option('--upstream <url>', 'model server, as URL, openai=URL or anthropic=URL (repeatable)', append)
    .option('--no-gateway', 'leave OPENAI_BASE_URL and ANTHROPIC_BASE_URL as they are')
    .option('--no-hooks', 'load no hooks into Python and Node')
    .option('--json', 'print the summary as JSON, in the last line of stderr')
    .option('--quiet', 'print nothing but errors')
    .option('--data-dir <dir>', 'where the data is (default: .agl if it exists, else one per user)')
    .option('--port <n>', 'port of a server that is started (default: 8002, or a free one)')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', epilogue)
    .passThroughOptions()
    .action(async (command: string[], flags: RunFlags) => {
      process.exitCode = await (await import('./run.ts')).run(command, flags)
      // A question that the server has not answered in time is not waited for.
      setTimeout(() => process.exit(), 100).unref()
    })
}

function append(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value]
}
