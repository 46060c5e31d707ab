// Who listens on a port, as Linux tells it (proc(5): /proc/net/tcp, /proc/PID/fd).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process by its id and its short name. */
export interface Holder {
  readonly pid: number
  readonly name: string
}

const listening = '0A'

/** The process that listens on a TCP port; undefined where the system does not tell. */
export function portHolder(port: number): Holder | undefined {
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(read(table), port)),
  )
  if (sockets.size === 0) return undefined
  const pid = list('/proc').find((name) => /^\d+$/.test(name) && holdsSocket(name, sockets))
  return pid === undefined ? undefined : { pid: Number(pid), name: read(`/proc/${pid}/comm`).trim() }
}

/** For messages: ` by NAME (pid N)`, or nothing. */
export function portHolderText(port: number): string {
  const holder = portHolder(port)
  if (!holder) return ''
  const name = holder.name.startsWith('AgentLightning') ? 'another Agent Lightning server' : holder.name
  return ` by ${name} (pid ${holder.pid})`
}

/** The inodes of the sockets that listen on `port`, from the text of /proc/net/tcp or /proc/net/tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === listening && local?.endsWith(`:${wanted}`))
    .map((columns) => columns[9] ?? '')
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  return list(`/proc/${pid}/fd`).some((descriptor) => {
    const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${descriptor}`))?.[1]
    return inode !== undefined && inodes.has(inode)
  })
}

// Processes end while they are looked at, and those of other users are closed to us: both read as empty.
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
