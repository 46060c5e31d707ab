// Are we the job in the foreground of a terminal? Then Ctrl-C reaches our program without us.
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

/** True when signals of the keyboard go to this process and, by their group, to what it started. */
export function inForeground(): boolean {
  try {
    return isForegroundStat(readFileSync('/proc/self/stat', 'utf8'))
  } catch {
    // Without /proc: who has a terminal is in its foreground as a rule.
    return [0, 1, 2].some((stream) => isatty(stream))
  }
}

/** Reads proc_pid_stat(5): the process group equals the foreground group of the terminal. */
export function isForegroundStat(stat: string): boolean {
  // The name of the process, in parentheses, may hold anything.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group !== undefined && group === foreground
}
