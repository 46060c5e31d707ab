// Small programs under the hooks, in their sources: each makes a call and prints the ids that its spans hold.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { tempDir } from '../support/agl.ts'
import type { JsHooks } from '../support/js-hooks.ts'
import { type Ended, runProgram } from '../support/run-program.ts'

/** A Node, the hooks in a form that it reads, and a folder whose packages a program has. */
export interface Place {
  readonly node: string
  readonly hooks: JsHooks
  readonly folder: string
}

/** How a program is started. */
export interface Start {
  /** Arguments of Node before the program. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly type?: 'module' | 'commonjs'
}

const names = 'BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor'
const provider = `const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
const report = () => console.log(JSON.stringify(exporter.getFinishedSpans().map((s) => s.attributes.response_token_ids)))
const ask = (client) => client.chat.completions.create({ model: 'm', messages: [] })
`

/** Defines \`report\` and \`ask\` in a program. */
export const prelude: Readonly<Record<'module' | 'commonjs', string>> = {
  module: `import { trace } from '@opentelemetry/api'
import { ${names} } from '@opentelemetry/sdk-trace-base'
${provider}`,
  commonjs: `const { trace } = require('@opentelemetry/api')
const { ${names} } = require('@opentelemetry/sdk-trace-base')
${provider}`,
}

/** Runs a program of one text. */
export function runText(place: Place, url: string, program: string, start: Start = {}): Promise<Ended> {
  const type = start.type ?? 'module'
  return runFile(place, url, ['--input-type', type, '-e', program], start)
}

/** Runs a file, or whatever else comes after the arguments of Node. */
export function runFile(
  place: Place,
  url: string,
  program: readonly string[],
  start: Start = {},
): Promise<Ended> {
  return runProgram(place.node, [...place.hooks.conditions, ...(start.args ?? []), ...program], {
    cwd: place.folder,
    env: {
      PATH: process.env.PATH,
      AGL_TEST_RUN: process.env.AGL_TEST_RUN,
      OPENAI_API_KEY: 'local',
      OPENAI_BASE_URL: url,
      ...start.env,
    },
    timeoutMs: 60_000,
  })
}

/** Bundles a program with everything that it imports; gives the file. */
export async function bundled(place: Place, program: string, format: 'esm' | 'cjs'): Promise<string> {
  const folder = tempDir()
  const source = join(folder, 'source.mjs')
  writeFileSync(source, program)
  const build = await rolldown({
    input: source,
    platform: 'node',
    logLevel: 'silent',
    resolve: { modules: [join(place.folder, 'node_modules')], conditionNames: ['agl-source'] },
    transform: { target: 'node18' },
  })
  const file = join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs')
  await build.write({ file, format, codeSplitting: false })
  await build.close()
  return file
}
