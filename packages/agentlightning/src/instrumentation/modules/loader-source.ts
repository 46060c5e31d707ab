// The loading hook for Node 18.19 to 22.14, where it runs in a thread of its own and has to be a module by itself.
import { targets } from './targets.ts'

const table = targets.map(({ packageName, file, exported }) => [packageName, file.source, exported])

/** Source of an ES module with a `load` hook that does what the one in this thread does. */
export const loaderSource = `
const targets = ${JSON.stringify(table)}
export async function load(url, context, next) {
  const result = await next(url, context)
  const match = /[/]node_modules[/](openai|agentops)[/]([^?#]+)/.exec(url)
  const name = match && targets.find(([pack, file]) => pack === match[1] && new RegExp(file).test(match[2]))?.[2]
  if (!name || result.format !== 'module' || !result.source) return result
  const given = "typeof " + name + " === 'undefined' ? undefined : " + name
  const line = "\\n;globalThis[Symbol.for('agentlightning.hooks')]?.offer(import.meta.url, " + given + ");\\n"
  return { ...result, source: Buffer.from(result.source).toString() + line }
}
`
