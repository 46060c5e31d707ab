// `agl doctor`: why spans or token ids are missing, and what to do about it.
import { Command } from 'commander'
import { doctorQuery } from '../../api/doctor/schemas.ts'
import { type Finding, type Level, worstFirst } from '../../doctor/finding.ts'
import { AglError, isAglError } from '../../errors.ts'
import { say } from '../output.ts'
import type { Parameters } from '../read/source.ts'
import { look } from '../reading.ts'
import { examine } from './examine.ts'
import { renderDoctor } from './view.ts'

interface DoctorFlags {
  readonly rollout?: string
  readonly run?: string
  readonly since?: string
  readonly dataDir?: string
  readonly port?: string
  readonly json?: boolean
  readonly strict?: boolean
}

const epilogue = `
Looked at are the server, this shell's variables, the Python and Node packages that programs of this folder would use,
and the calls of a trace, a rollout, a run or the last hour. Every code is explained in docs/doctor.md.

Exit status: 0 nothing is broken; 1 an error was found, with --strict also for a warning, or no trace has this id;
2 the command line is wrong.`

/** The command `agl doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('find out why spans or token ids are missing')
    .description('Looks for what keeps spans or token ids from being recorded, and says what to do.')
    .argument('[trace]', 'trace to examine: its id, or the beginning of it')
    .option('--rollout <id>', 'examine the calls of a rollout')
    .option('--run <id>', 'examine the calls of a run')
    .option(
      '--since <time>',
      'examine what began since then: an age such as 15m, or a time (default: 1h where nothing is named)',
    )
    .option('--data-dir <dir>', 'data directory of the server; read directly when none runs on it')
    .option('--port <n>', 'port that clients send to (default: 8002, or AGL_PORT)')
    .option('--json', 'print one JSON object')
    .option('--strict', 'exit with 1 for warnings too')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', epilogue)
    .action(async (trace: string | undefined, flags: DoctorFlags) => {
      process.exitCode = await doctor(trace, flags)
    })
}

async function doctor(trace: string | undefined, flags: DoctorFlags): Promise<number> {
  const { rollout, run, since } = flags
  const given = { ...(trace === undefined ? {} : { trace: trace.toLowerCase() }), rollout, run, since }
  const parameters = Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
  check(parameters)
  const { dataDir, port } = flags
  const found = await examine(parameters, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(port === undefined ? {} : { port }),
  })
  const status = statusOf(found.findings, flags.strict ?? false)
  say(
    flags.json
      ? JSON.stringify({ ok: status === 0, ...found, findings: worstFirst(found.findings) }, null, 2)
      : renderDoctor(found, look()),
  )
  return status
}

function statusOf(findings: readonly Finding[], strict: boolean): number {
  const failing: readonly Level[] = strict ? ['error', 'warn'] : ['error']
  return findings.some(({ level }) => failing.includes(level)) ? 1 : 0
}

/** The server checks as well, but a wrong command line is to end with 2 whether or not one runs. */
function check(parameters: Parameters): void {
  try {
    doctorQuery(parameters, Date.now())
  } catch (error) {
    if (!isAglError(error)) throw error
    const todo = 'See `agl doctor --help`.'
    throw new AglError('AGL_BAD_ARGUMENT', { what: error.message, todo }, error)
  }
}
