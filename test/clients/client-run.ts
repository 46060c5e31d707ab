// Runs one client program against a server and hands over what it noted about itself (see the witness modules
// in `python/shared` and `js`).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PythonEnvironment } from '../support/python.ts'
import { type Ended, runProgram } from '../support/run-program.ts'
import { parseLines, type WholeSpan } from './otlp.ts'

interface Target {
  host: string
  port: string
}

/** A request that a client sent through `requests`, and its answer. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly body: string | null
  readonly answer: { readonly status: number; readonly text: string }
}

/** A finished client program and its own account of what it did. */
export interface ClientRun extends Ended {
  /** Every span that ended in it. */
  readonly spans: readonly WholeSpan[]
  /** Every request of a program that watches them (those before 0.4). */
  readonly requests: readonly SentRequest[]
  /** Messages of signals other than traces that it sent, in base64, where a program watches them. */
  readonly messages: readonly { readonly kind: string; readonly bytes: string }[]
  /** Hosts looked up and addresses connected to, without loopback. */
  readonly outside: readonly string[]
  /** Addresses of loopback that it connected to, `host:port`. */
  readonly inside: readonly string[]
  /** What its libraries logged at WARNING or above. */
  readonly warnings: readonly string[]
}

/** The environment of a Python client of AgentOps, as the README gives it. */
export function agentOpsEnv(serverUrl: string): Record<string, string> {
  return {
    AGENTOPS_API_KEY: 'local',
    AGENTOPS_API_ENDPOINT: serverUrl,
    AGENTOPS_EXPORTER_ENDPOINT: `${serverUrl}/v1/traces`,
    AGENTOPS_APP_URL: serverUrl,
  }
}

/** Runs a target's program in `folder`, which it may write to. */
export function runPythonClient(
  environment: PythonEnvironment,
  folder: string,
  env: Record<string, string>,
): Promise<ClientRun> {
  return runWitnessed(environment.python, [environment.program], folder, {
    PYTHONPATH: environment.shared,
    PYTHONIOENCODING: 'utf-8',
    PYTHONDONTWRITEBYTECODE: '1',
    ...env,
  })
}

/** Runs a program of this checkout with the Node that runs the tests. */
export function runNodeClient(
  program: string,
  folder: string,
  env: Record<string, string>,
): Promise<ClientRun> {
  return runWitnessed(process.execPath, [program], folder, env)
}

async function runWitnessed(
  command: string,
  args: readonly string[],
  folder: string,
  env: Record<string, string>,
): Promise<ClientRun> {
  const witness = join(folder, `witness-${process.hrtime.bigint()}.jsonl`)
  // Nothing of this machine's settings (proxies, keys, exporters) reaches the client.
  const base = {
    PATH: process.env.PATH,
    HOME: folder,
    LANG: 'C.UTF-8',
    AGL_TEST_RUN: process.env.AGL_TEST_RUN,
    AGL_TEST_WITNESS: witness,
  }
  const ended = await runProgram(command, args, { cwd: folder, env: { ...base, ...env }, timeoutMs: 100_000 })
  return { ...ended, ...readWitness(witness) }
}

/** What a witness noted in its file. */
export function readWitness(file: string): Omit<ClientRun, keyof Ended> {
  const notes = parseLines<{ note: string; value: unknown }>(readFileSync(file, 'utf8'))
  const of = <T>(kind: string) => notes.filter(({ note }) => note === kind).map(({ value }) => value as T)
  const targets = [...of<Target>('lookup'), ...of<Target>('connect')]
  const where = (loopback: boolean) =>
    new Set(
      targets.filter(({ host }) => isLoopback(host) === loopback).map(({ host, port }) => `${host}:${port}`),
    )
  return {
    spans: of<WholeSpan>('span'),
    requests: of<SentRequest>('request'),
    messages: of<{ kind: string; bytes: string }>('message'),
    outside: [...where(false)],
    inside: [...where(true)],
    warnings: of<string>('warning'),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
