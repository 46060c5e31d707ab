// Trace stores of others, measured when their binaries are given. They acknowledge before anything is flushed.
import { spawn } from 'node:child_process'
import { removeDir, tempDir } from '../processes.ts'
import type { Launch } from './subject.ts'

interface Peer {
  readonly name: string
  /** Names the binary. */
  readonly variable: string
  launch(binary: string): Launch
}

const peers: readonly Peer[] = [
  {
    name: 'Jaeger',
    variable: 'AGL_BENCH_JAEGER',
    // All in one, in memory. Of its listeners only the one for OTLP over HTTP is moved: the others must be free.
    launch: (binary) => ({
      name: 'Jaeger',
      tracesPath: '/v1/traces',
      probePath: '/',
      spawn: (port) =>
        spawn(binary, [`--set=receivers.otlp.protocols.http.endpoint=127.0.0.1:${port}`], {
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
    }),
  },
  {
    name: 'VictoriaTraces',
    variable: 'AGL_BENCH_VICTORIATRACES',
    launch: (binary) => {
      const dir = tempDir()
      return {
        name: 'VictoriaTraces',
        tracesPath: '/insert/opentelemetry/v1/traces',
        probePath: '/health',
        spawn: (port) =>
          spawn(binary, [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${dir}`], {
            stdio: ['ignore', 'pipe', 'pipe'],
          }),
        cleanUp: () => removeDir(dir),
      }
    },
  },
]

/** Those whose binaries the environment names; `missing` is one line about the others. */
export function givenPeers(env: NodeJS.ProcessEnv): {
  launches: (() => Launch)[]
  missing: string | undefined
} {
  const launches: (() => Launch)[] = []
  const missing: string[] = []
  for (const { name, variable, launch } of peers) {
    const binary = env[variable]
    if (binary) launches.push(() => launch(binary))
    else missing.push(`${name} (${variable})`)
  }
  return { launches, missing: missing.length === 0 ? undefined : `No binary given: ${missing.join(', ')}` }
}
