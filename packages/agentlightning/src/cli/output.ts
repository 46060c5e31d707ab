// What every command prints with: results on stdout, everything else on stderr.
import { isAglError } from '../errors.ts'

/** Prints one result, with a line break. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints one line for the reader that is not part of the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Prints an error and gives the exit status that belongs to it. */
export function fail(error: unknown): number {
  if (isAglError(error)) {
    note(`${error.message} ${error.action} [${error.code}]`)
    return error.kind.exit
  }
  note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}

/**
 * Goes on when the reader of our output has gone (`agl … | head`, a closed terminal): a server must not end by
 * that, and a command that only prints has nothing left to do.
 */
export function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    })
  }
}
