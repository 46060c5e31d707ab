// Packages that are installed where the program runs, and what is known to be broken in them. State of
// November 2026, from running the versions named against a server.
import { type Finding, finding } from '../finding.ts'
import { atLeast, within } from './versions.ts'

/** Name → version of the packages that were found. */
export type Packages = Readonly<Record<string, string>>

/** The Python packages that are looked for. */
export const pythonPackages = [
  'agentops',
  'opentelemetry-sdk',
  'opentelemetry-exporter-otlp-proto-http',
  'openai',
  'openai-agents',
  'langchain',
  'langgraph',
  'litellm',
  'crewai',
] as const

/** The Node packages that are looked for. */
export const nodePackages = [
  'agentops',
  'openai',
  'ai',
  '@openai/agents',
  'langchain',
  '@langchain/core',
  '@opentelemetry/sdk-trace-base',
] as const

/** A Python that a shell would start. */
export interface PythonFacts {
  readonly executable: string
  readonly version: string
  readonly packages: Packages
  /** Our hooks are loaded in every program of this shell. */
  readonly hooked: boolean
}

interface Known {
  readonly fits: (packages: Packages) => boolean
  /** Which are named with the problem. */
  readonly of: readonly string[]
  readonly problem: string
  readonly fix: string
  /** The hooks mend it. */
  readonly mended?: true
  /** Default: `warn`. */
  readonly level?: 'info'
}

const update = 'Use another version of agentops, such as 0.4.18.'
const hooks = 'Start the program with `agl run`.'
const exporter = 'opentelemetry-exporter-otlp-proto-http'

const agentops = (first: string, last: string) => (packages: Packages) =>
  packages.agentops !== undefined && within(packages.agentops, first, last)

const knownOfPython: readonly Known[] = [
  {
    fits: agentops('0.0.1', '0.3.18'),
    of: ['agentops'],
    problem: 'a program that has more events waiting than its queue holds (100, or 512) stops for ever.',
    fix: 'Set max_queue_size high in agentops.init(), or use agentops 0.4.18.',
  },
  {
    fits: agentops('0.0.1', '0.3.26'),
    of: ['agentops'],
    problem: 'model SDKs that are imported after agentops.init() are not recorded.',
    fix: 'Import them before agentops.init().',
  },
  {
    fits: agentops('0.0.1', '0.3.26'),
    of: ['agentops'],
    problem: 'with_raw_response of openai gives the program a text in place of the response.',
    fix: 'Do without it, or use agentops 0.4.18.',
  },
  {
    fits: agentops('0.3.16', '0.3.26'),
    of: ['agentops'],
    problem: 'a session that the program does not end stays open.',
    fix: 'Call agentops.end_session("Success") before the program ends.',
  },
  {
    fits: agentops('0.4.0', '0.4.0'),
    of: ['agentops'],
    problem: 'it needs python-dotenv and does not install it.',
    fix: `pip install python-dotenv. ${update}`,
  },
  {
    fits: agentops('0.4.0', '0.4.2'),
    of: ['agentops'],
    problem: 'its decorators cannot be used, and agentops.start_session() raises.',
    fix: update,
  },
  {
    fits: agentops('0.4.0', '0.4.3'),
    of: ['agentops'],
    problem:
      'what agentops.init() is given gets lost, and spans go to the cloud unless the variables are set.',
    fix: `Set the variables: eval "$(agl agentops env)". ${update}`,
  },
  {
    fits: agentops('0.4.4', '0.4.5'),
    of: ['agentops'],
    problem: 'streamed replies of openai raise AttributeError in the program.',
    fix: `${hooks} ${update}`,
    mended: true,
  },
  {
    fits: (packages) => agentops('0.4.7', '0.4.7')(packages) && packages['openai-agents'] === undefined,
    of: ['agentops'],
    problem: 'it cannot be imported without openai-agents.',
    fix: `pip install openai-agents. ${update}`,
  },
  {
    fits: (packages) => agentops('0.4.0', '0.4.14')(packages) && packages.openai !== undefined,
    of: ['agentops', 'openai'],
    problem: 'metrics of model calls go to otlp.agentops.ai, whatever the variables say.',
    fix: `${hooks} Or set TRACELOOP_METRICS_ENABLED=false.`,
    mended: true,
  },
  {
    fits: agentops('0.4.13', '0.4.13'),
    of: ['agentops'],
    problem: '`with agentops.start_trace(…)` raises TypeError.',
    fix: 'Call start_trace and end_trace apart, or use agentops 0.4.14 or later.',
  },
  {
    fits: agentops('0.4.15', '0.4.15'),
    of: ['agentops'],
    problem: 'streamed replies are not recorded.',
    fix: `${hooks} ${update}`,
    mended: true,
  },
  {
    fits: (packages) =>
      agentops('0.4.16', '0.4.21')(packages) &&
      packages.openai !== undefined &&
      atLeast(packages.openai, '1.92'),
    of: ['agentops', 'openai'],
    problem: 'calls of the Responses API make no span.',
    fix: 'Start the program with `agl run`, or record them through the gateway.',
    mended: true,
  },
  {
    fits: (packages) =>
      agentops('0.4.21', '0.4.21')(packages) &&
      packages.langgraph !== undefined &&
      packages.langchain !== undefined &&
      atLeast(packages.langchain, '1.4.7'),
    of: ['agentops', 'langchain', 'langgraph'],
    problem: "create_agent raises ValueError under AgentOps' hook of langgraph.",
    fix: update,
  },
  {
    fits: agentops('0.4.3', '0.4.21'),
    of: ['agentops'],
    problem: 'what follows a decorated generator is recorded below it.',
    fix: 'Decorate the function that reads the generator instead.',
    level: 'info',
  },
]

/** What is known of the packages of one Python. */
export function checkPython(python: PythonFacts | undefined): Finding[] {
  if (!python || Object.keys(python.packages).length === 0) return []
  const { packages, version, executable, hooked } = python
  const found: Finding[] = []
  const [sdk, otlp] = [packages.agentops, packages[exporter]]
  const isMute =
    sdk !== undefined && otlp !== undefined && within(sdk, '0.4.19', '0.4.21') && atLeast(otlp, '1.45')
  if (isMute && !hooked)
    found.push(finding('python.exports_nothing', 'python', { agentops: sdk, exporter: otlp, executable }))
  for (const known of knownOfPython) {
    if (!known.fits(packages) || (hooked && known.mended)) continue
    const details = { packages: named(packages, known.of), problem: known.problem, fix: known.fix }
    const level = known.level ? { level: known.level } : {}
    found.push(finding('python.known_problem', known.of.join(', '), details, level))
  }
  const details = { version, executable, packages: named(packages, Object.keys(packages)) }
  const isOk = found.every(({ level }) => level === 'info')
  return isOk ? [finding('python.ok', 'python', details), ...found] : found
}

/**
 * What is known of the packages in a folder's `node_modules`. `url` is the server's; `hooked`: our hooks are loaded in
 * every program of this shell.
 */
export function checkNodePackages(
  packages: Packages,
  directory: string,
  url: string,
  hooked: boolean,
): Finding[] {
  if (Object.keys(packages).length === 0) return []
  const found: Finding[] = []
  const { agentops: sdk, '@openai/agents': agents } = packages
  if (sdk !== undefined && !hooked) found.push(finding('js.no_variables', 'agentops', { version: sdk, url }))
  if (sdk !== undefined && agents !== undefined)
    found.push(
      finding('js.known_problem', 'agentops, @openai/agents', {
        packages: named(packages, ['agentops', '@openai/agents']),
        problem: 'a streamed run of an agent raises in the program, and its spans are lost.',
        fix: 'Run agents without a stream, or record their calls through the gateway.',
      }),
    )
  if (sdk !== undefined)
    found.push(
      finding(
        'js.known_problem',
        'agentops',
        {
          packages: named(packages, ['agentops']),
          problem:
            'process.exit() loses the newest spans, agentops.shutdown() after an agent run those of the run.',
          fix: 'Let the program end by itself.',
        },
        { level: 'info' },
      ),
    )
  const all = named(packages, Object.keys(packages))
  return [...found, finding('js.ok', 'node_modules', { directory, packages: all })]
}

function named(packages: Packages, names: readonly string[]): string {
  return names.map((name) => `${name} ${packages[name]}`).join(', ')
}
