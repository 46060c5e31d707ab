// The state file tells other shells where a server is. It is information only: who reads it asks the server.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Ports, ServerConfig } from '../config.ts'
import { replaceFile } from './files.ts'

/** What a running server says about itself in `server.json` of its data directory (mode 0600). */
export interface ServerState {
  readonly pid: number
  readonly port: number
  /** `port`, and all others. */
  readonly ports?: Ports
  readonly host: string
  /** E.g. `http://localhost:8002`. */
  readonly url: string
  /** As in the answer of `GET /health`; compared before anything here is believed. */
  readonly instanceId: string
  readonly version: string
  /** ISO 8601. */
  readonly startedAt: string
  /** Demanded in `x-agl-secret` by the route that stops the server. New with every start. */
  readonly secret: string
  readonly dataDirHash: string
  /** The settings it was started with, for `restart` and for readers that need the key. */
  readonly config: ServerConfig
}

/** Writes the state file of a data directory; readers see the old or the new one, never a part. */
export function writeState(dataDir: string, state: ServerState): void {
  replaceFile(statePath(dataDir), `${JSON.stringify(state, null, 2)}\n`)
}

/** Reads the state file; undefined when there is none or it is not one. Its server may be long gone. */
export function readState(dataDir: string): ServerState | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(statePath(dataDir), 'utf8'))
    return isState(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Removes the state file of `instanceId`; that of another server stays. */
export function removeState(dataDir: string, instanceId: string): void {
  if (readState(dataDir)?.instanceId === instanceId) rmSync(statePath(dataDir), { force: true })
}

function statePath(dataDir: string): string {
  return join(dataDir, 'server.json')
}

function isState(value: unknown): value is ServerState {
  if (typeof value !== 'object' || value === null) return false
  const state = value as Record<string, unknown>
  return (
    Number.isInteger(state.pid) &&
    Number.isInteger(state.port) &&
    ['host', 'url', 'instanceId', 'secret'].every((name) => typeof state[name] === 'string') &&
    typeof state.config === 'object'
  )
}
