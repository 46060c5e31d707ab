// From what stands on the command line and in the environment to the settings of a server.
import { z } from 'zod'
import { AglError } from '../errors.ts'
import { parseUpstream, upstreamsOfFlags } from '../gateway/settings.ts'
import type { ServerOptions } from '../manager/options.ts'
import { logLevels } from '../server/config.ts'
import { parseSize } from './size.ts'

/** Flags as the command line gives them. */
export interface RawFlags {
  readonly port?: string
  readonly grpcPort?: string
  readonly otlpPorts?: boolean
  readonly host?: string
  readonly dataDir?: string
  readonly store?: string
  readonly logLevel?: string
  readonly apiKey?: string
  readonly requireKey?: boolean
  readonly insecure?: boolean
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  readonly maxDisk?: string
  readonly upstream?: readonly string[]
  readonly upstreams?: string
  readonly keepTokenIds?: boolean
  readonly streamComments?: string
  readonly upstreamTimeout?: string
  readonly daemon?: boolean
  readonly open?: boolean
}

/** The settings of a start; what was not said is left out. */
export interface Settings {
  readonly options: ServerOptions
  readonly daemon: boolean
  readonly open: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535)

const size = z.string().transform((text, context) => {
  const bytes = parseSize(text)
  if (bytes === undefined || bytes < 1) context.addIssue({ code: 'custom' })
  return bytes ?? 0
})

const yes = ['1', 'true', 'yes', 'on']
const no = ['0', 'false', 'no', 'off']
const flag = z.union([
  z.boolean(),
  z
    .string()
    .toLowerCase()
    .pipe(z.enum([...yes, ...no]))
    .transform((text) => yes.includes(text)),
])

const list = z.union([
  z.array(z.string()).readonly(),
  z.string().transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  ),
])

const text = z.string().trim().min(1)

const upstreams = list
  .refine((items) => items.every((item) => parseUpstream(item) !== undefined))
  .transform((items) => upstreamsOfFlags(items))

const seconds = z
  .string()
  .regex(/^\d{1,6}(\.\d+)?$/)
  .transform(Number)

/** Reads flags, and for each that is not given its variable. Throws AGL_BAD_ARGUMENT in words. */
export function readSettings(flags: RawFlags, env: Environment): Settings {
  const read = <T>(name: keyof RawFlags, schema: z.ZodType<T>, expected: string): T | undefined =>
    readOne(flags, env, name, schema, expected)
  return {
    options: {
      port: read('port', port, 'Give a port from 0 to 65535; 0 takes a free one.'),
      grpcPort: read('grpcPort', port, 'Give a port from 0 to 65535; 0 takes a free one.'),
      otlpPorts: read('otlpPorts', flag, 'Give 1 or 0.'),
      host: read('host', text, 'Give an address, e.g. 127.0.0.1.'),
      dataDir: read('dataDir', text, 'Give a directory.'),
      store: read('store', z.enum(['sqlite', 'memory']), 'Give sqlite or memory.'),
      logLevel: read('logLevel', z.enum(logLevels), `Give one of ${logLevels.join(', ')}.`),
      apiKey: read('apiKey', text, 'Give a key.'),
      requireKey: read('requireKey', flag, 'Give 1 or 0.'),
      insecure: read('insecure', flag, 'Give 1 or 0.'),
      allowHosts: read('allowHost', list, 'Give host names.'),
      allowOrigins: read('allowOrigin', list, 'Give origins, e.g. http://localhost:3000.'),
      maxDiskBytes: read('maxDisk', size, 'Give a size, e.g. 500MB or 10GB.'),
      upstreams: read('upstream', upstreams, 'Give URL or NAME=URL, e.g. http://localhost:8000/v1.'),
      upstreamsFile: read('upstreams', text, 'Give a file.'),
      keepTokenIds: read('keepTokenIds', flag, 'Give 1 or 0.'),
      streamComments: read('streamComments', seconds, 'Give seconds; 0 for none.'),
      upstreamTimeout: read('upstreamTimeout', seconds, 'Give seconds; 0 for no limit.'),
    },
    daemon: read('daemon', flag, 'Give 1 or 0.') ?? false,
    open: read('open', flag, 'Give 1 or 0.') ?? false,
  }
}

/** The variable of a flag, e.g. `AGL_DATA_DIR` for `dataDir`. */
export function variableOf(name: string): string {
  return `AGL_${snake(name, '_').toUpperCase()}`
}

function readOne<T>(
  flags: RawFlags,
  env: Environment,
  name: keyof RawFlags,
  schema: z.ZodType<T>,
  expected: string,
): T | undefined {
  const given = flags[name]
  const variable = variableOf(name)
  // An empty variable is as good as none: shells and compose files leave such behind.
  const value = given ?? (env[variable] || undefined)
  if (value === undefined) return undefined
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const source = given === undefined ? `${variable}=${value}` : `--${snake(name, '-')} ${value}`
  throw new AglError('AGL_BAD_ARGUMENT', { what: `\`${source}\` is not understood.`, todo: expected })
}

function snake(name: string, separator: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `${separator}${letter.toLowerCase()}`)
}
