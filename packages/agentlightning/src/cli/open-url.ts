// Shows an address in the browser of this desktop, where there is one.
import { spawn } from 'node:child_process'
import { note } from './output.ts'

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens `url`; that it cannot is a line for the reader and no error. Waits at most two seconds. */
export async function openUrl(url: string): Promise<void> {
  const [program = 'xdg-open', ...args] = openers[process.platform] ?? []
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  child.once('error', (error: NodeJS.ErrnoException) =>
    resolve(error.code === 'ENOENT' ? `${program} is not installed` : error.message),
  )
  child.once('exit', (code) => resolve(code ? `${program} ended with exit status ${code}` : undefined))
  child.unref()
  const patience = setTimeout(() => resolve(undefined), 2_000)
  const failure = await promise
  clearTimeout(patience)
  if (failure) note(`The browser was not opened (${failure}): go to ${url}`)
}
