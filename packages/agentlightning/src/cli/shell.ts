// Environment variables as the shells want them said.
import { basename } from 'node:path'

export const shells = ['sh', 'fish', 'powershell', 'json', 'env-file'] as const
export type Shell = (typeof shells)[number]

/** The shell that reads our output, as far as the environment tells. */
export function currentShell(env: Readonly<Record<string, string | undefined>>): Shell {
  if (basename(env.SHELL ?? '') === 'fish') return 'fish'
  return process.platform === 'win32' && !env.SHELL ? 'powershell' : 'sh'
}

/** Statements that set these variables, one a line; an object for `json`. */
export function renderEnv(vars: Readonly<Record<string, string>>, shell: Shell): string {
  if (shell === 'json') return JSON.stringify(vars, null, 2)
  return Object.entries(vars)
    .map(([name, value]) => statements[shell](name, value))
    .join('\n')
}

/** A word of a command line, in quotes where the shell needs them. */
export function quoteIfNeeded(word: string, shell: Shell): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  if (shell === 'powershell') return `'${word.replaceAll("'", "''")}'`
  if (shell === 'fish') return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  return `'${word.replaceAll("'", "'\\''")}'`
}

const statements: Readonly<Record<Exclude<Shell, 'json'>, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}=${quoteIfNeeded(value, 'sh')}`,
  fish: (name, value) => `set -gx ${name} ${quoteIfNeeded(value, 'fish')}`,
  // Docker, Compose, systemd and Node read the rest of the line as it stands; quotes would be part of it for Docker.
  'env-file': (name, value) => `${name}=${value}`,
  // A bare word would be a command there.
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
}
