// The server's own log: plain lines for people on a terminal and in `agl agentops logs`.
import { type Logger as PinoLogger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './server/config.ts'

export type Logger = PinoLogger

/** A logger that writes one readable line per event to `destination` (a file descriptor, 2 is stderr). */
export function createLogger(level: LogLevel, destination = 2): Logger {
  // A stream and not a transport: pino's transports start a thread from a file that a bundle does not have.
  const stream = pretty({
    destination,
    sync: true,
    colorize: destination === 2 && process.stderr.isTTY === true && !process.env.NO_COLOR,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    ignore: 'pid,hostname',
    singleLine: true,
  })
  return pino({ level }, stream)
}
