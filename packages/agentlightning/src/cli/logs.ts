// `agl agentops logs`
import { closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AglError } from '../errors.ts'
import { serverLogPath } from '../manager/child-server.ts'
import { dataDirOf } from './server-of.ts'
import type { RawFlags } from './settings.ts'

/** How often a followed log is looked at. Milliseconds. */
const followMs = 200
const blockBytes = 64 * 1024

/** Prints the end of the log of the server in the background, and with `follow` what is added to it. */
export async function logs(
  flags: RawFlags & { readonly follow?: boolean; readonly lines: string },
): Promise<number> {
  const wanted = linesOf(flags.lines)
  const path = serverLogPath(dataDirOf(flags))
  if (!existsSync(path)) {
    throw new AglError('AGL_NOT_FOUND', {
      what: `The log ${path}`,
      todo: 'Only a server in the background (--daemon) writes one; in the foreground it goes to the terminal.',
    })
  }
  let at = startOfLast(path, wanted)
  at += await print(path, at)
  let gone = false
  process.stdout.once('error', () => {
    gone = true
  })
  while (flags.follow && !gone) {
    await sleep(followMs)
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    // It was put aside when it had grown long, and begun anew.
    if (size < at) at = 0
    if (size > at) at += await print(path, at)
  }
  return 0
}

/** The offset in a file at which its last `count` lines begin. */
export function startOfLast(path: string, count: number): number {
  const file = openSync(path, 'r')
  try {
    const block = Buffer.alloc(blockBytes)
    const { size } = statSync(path)
    let left = count
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - blockBytes)
      readSync(file, block, 0, end - start, start)
      for (let i = end - start - 1; i >= 0; i--) {
        // The break at the very end closes the last line and begins none.
        if (block[i] !== 0x0a || start + i === size - 1) continue
        left -= 1
        if (left === 0) return start + i + 1
      }
      end = start
    }
    return count === 0 ? size : 0
  } finally {
    closeSync(file)
  }
}

async function print(path: string, start: number): Promise<number> {
  let printed = 0
  for await (const part of createReadStream(path, { start })) {
    process.stdout.write(part as Buffer)
    printed += (part as Buffer).length
  }
  return printed
}

function linesOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new AglError('AGL_BAD_ARGUMENT', {
    what: `\`--lines ${text}\` is not understood.`,
    todo: 'Give a number of lines.',
  })
}
