// What a process used, from /proc (proc(5)). Elsewhere than on Linux the figures are missing.
import { readdirSync, readFileSync } from 'node:fs'

/** Kernels count CPU time for user space in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100

/** Figures of a living process; NaN where the system does not tell. */
export interface ProcessFigures {
  /** User and system time of all threads since its start. */
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly peakResidentBytes: number
}

/** CPU time of the threads of a process by their names; the main one is `main`. Empty where the system does not tell. */
export function threadSeconds(pid: number): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>()
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const name = Number(thread) === pid ? 'main' : stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      const used = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
      seconds.set(name, (seconds.get(name) ?? 0) + used)
    }
  } catch {
    // Threads may end between the two looks.
  }
  return seconds
}

/** Reads them. */
export function figuresOf(pid: number): ProcessFigures {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name may contain anything, so fields are counted from its closing bracket: utime is the 12th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      residentBytes: bytes('VmRSS'),
      peakResidentBytes: bytes('VmHWM'),
    }
  } catch {
    return { cpuSeconds: Number.NaN, residentBytes: Number.NaN, peakResidentBytes: Number.NaN }
  }
}
