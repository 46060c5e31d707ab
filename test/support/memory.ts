// The memory of another process, as Linux tells.
import { readFileSync } from 'node:fs'

/** Resident memory in bytes. */
export const residentBytes = (pid: number): number => statusBytes(pid, 'VmRSS')

/** The most that was ever resident, in bytes. */
export const peakResidentBytes = (pid: number): number => statusBytes(pid, 'VmHWM')

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`no ${field} in /proc/${pid}/status`)
  return Number(kilobytes) * 1024
}
