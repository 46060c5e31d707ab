// Command lines under which Python ignores what loads the hooks. Pure.
import { basename } from 'node:path'

/** Flags of https://docs.python.org/3/using/cmdline.html that keep `sitecustomize` of PYTHONPATH out. */
const isolating = /[EIS]/
/** Those whose value is the rest of the word, or the next word. */
const valued = /[cmWX]/

/** The flag by which a command starts Python without the hooks; undefined where nothing is known against them. */
export function flagAgainstHooks(command: readonly string[]): string | undefined {
  const [file = '', ...args] = command
  if (!/^(python|pypy)[\d.]*(\.exe)?$/.test(basename(file))) return undefined
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string
    if (word === '--check-hash-based-pycs') at++
    else if (!/^-[^-]/.test(word)) {
      if (!word.startsWith('--') || word === '--') return undefined
    } else {
      const value = word.search(valued)
      const flags = value === -1 ? word : word.slice(0, value)
      const found = isolating.exec(flags)
      if (found) return `-${found[0]}`
      if (/[cm]/.test(word[value] ?? '')) return undefined
      if (value === word.length - 1) at++
    }
  }
  return undefined
}
