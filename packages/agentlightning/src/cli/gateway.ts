// `agl gateway check`: what the model servers behind the gateway can do.
import { resolve } from 'node:path'
import { Command } from 'commander'
import { AglError } from '../errors.ts'
import { checkUpstream, type UpstreamCheck } from '../gateway/check.ts'
import {
  configuredUpstreams,
  defaultGatewaySettings,
  type GatewaySettings,
  type UpstreamSettings,
  upstreamsOfEnv,
} from '../gateway/settings.ts'
import { UpstreamClient } from '../gateway/upstream-client.ts'
import { note, say } from './output.ts'
import { findServerOf } from './server-of.ts'
import { readSettings } from './settings.ts'

interface CheckFlags {
  readonly upstream?: readonly string[]
  readonly upstreams?: string
  readonly model?: string
  readonly dataDir?: string
  readonly json?: boolean
}

const epilogue = `
Checked are the upstreams given here, else those of the running server, else OPENAI_BASE_URL and ANTHROPIC_BASE_URL.
Each gets a few requests for one token.

Exit status: 0 all can be reached; 1 one cannot, or there is none; 2 the command line is wrong.`

/** The command `agl gateway`. */
export function gatewayCommand(): Command {
  const gateway = new Command('gateway')
    .description(
      'The recording gateway: model calls through /gateway/v1 of the server are recorded with token ids.',
    )
    .helpCommand(false)
    .helpOption('-h, --help', 'print this help')
  gateway
    .command('check')
    .description('Asks each model server for one token, and prints what it can do.')
    .option(
      '--upstream <url>',
      'model server, as URL or NAME=URL (repeatable)',
      (value, earlier?: string[]) => [...(earlier ?? []), value],
    )
    .option('--upstreams <file>', 'JSON file of model servers, see docs/gateway.md')
    .option('--model <name>', 'model to ask (default: the first that the server lists)')
    .option('--data-dir <dir>', 'of the running server whose upstreams are checked')
    .option('--json', 'print one JSON object')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', epilogue)
    .action(async (flags: CheckFlags) => {
      process.exitCode = await check(flags)
    })
  return gateway
}

async function check(flags: CheckFlags): Promise<number> {
  const upstreams = await upstreamsFor(flags)
  if (upstreams.length === 0) throw new AglError('AGL_GATEWAY_NO_UPSTREAM', { model: '' })
  const client = new UpstreamClient(process.env)
  const checks: UpstreamCheck[] = []
  try {
    for (const settings of upstreams) {
      const key = keyOf(settings)
      checks.push(await checkUpstream(client, settings, { key, model: flags.model }))
      if (!flags.json && process.stderr.isTTY) note(`${settings.name}: checked`)
    }
  } finally {
    await client.close()
  }
  say(flags.json ? JSON.stringify({ upstreams: checks }, null, 2) : tableOf(checks))
  const count = checks.filter(({ reachable }) => !reachable).length
  if (count > 0 && !flags.json) {
    const names = checks.filter(({ reachable }) => !reachable).map(({ name, error }) => `${name}: ${error}`)
    const todo = `Start them, or correct their URLs. ${names.join('; ')}`
    throw new AglError('AGL_GATEWAY_CHECK_FAILED', { count, all: checks.length, todo })
  }
  return count > 0 ? 1 : 0
}

async function upstreamsFor(flags: CheckFlags): Promise<readonly UpstreamSettings[]> {
  const { upstream, upstreams: file } = flags
  const { options } = readSettings(
    { ...(upstream ? { upstream } : {}), ...(file === undefined ? {} : { upstreams: file }) },
    process.env,
  )
  const given = settingsOf(options.upstreams, options.upstreamsFile)
  if (given.length > 0) return given
  const found = await findServerOf(flags.dataDir === undefined ? {} : { dataDir: flags.dataDir })
  const config: GatewaySettings | undefined =
    found.kind === 'running' ? found.state.config.gateway : undefined
  const running = config ? settingsOf(config.upstreams, config.upstreamsFile) : []
  return running.length > 0 ? running : upstreamsOfEnv(process.env)
}

function settingsOf(
  upstreams: readonly UpstreamSettings[] = [],
  file: string | undefined,
): UpstreamSettings[] {
  return configuredUpstreams({
    ...defaultGatewaySettings,
    upstreams,
    upstreamsFile: file === undefined ? undefined : resolve(file),
  })
}

function keyOf({ apiKeyEnv }: UpstreamSettings): string | undefined {
  return apiKeyEnv === undefined ? undefined : process.env[apiKeyEnv] || undefined
}

const columns = ['upstream', 'backend', 'model', 'ids', 'ids streamed', 'logprobs', 'n', 'tools'] as const

function tableOf(checks: readonly UpstreamCheck[]): string {
  const rows = checks.map((one) =>
    one.reachable
      ? [
          one.name,
          one.backend ?? '–',
          one.model ?? '–',
          one.idsPlain ?? '–',
          one.idsStreamed ?? '–',
          one.logprobs ?? '–',
          one.n ?? '–',
          one.tools ?? '–',
        ]
      : [one.name, 'unreachable', ...columns.slice(2).map(() => '–')],
  )
  const all = [[...columns], ...rows]
  const widths = columns.map((_, at) => Math.max(...all.map((row) => (row[at] as string).length)))
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
