// What a suite needs beside Node and this checkout (an interpreter, a package index, a kernel feature) is
// asked for here, so that its absence is said and never passes for success.

/** Thrown by a check that finds its means missing; the message says why, for people. */
export class MeansMissing extends Error {}

/**
 * The result of `find`, or undefined when it throws `MeansMissing`: then `NOT RUN: name: why` is printed, and
 * under `AGL_SUITE=all` the suite fails, unless `shownBy` names the suite that shows the same by other means.
 * Any other error is a fault and passes through. To be used at the top of a test file, with
 * `describe.runIf(means !== undefined)`.
 */
export async function requireMeans<T>(
  name: string,
  find: () => Promise<T>,
  shownBy?: string,
): Promise<T | undefined> {
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof MeansMissing)) throw error
    const otherwise = shownBy ? ` (shown by ${shownBy} too)` : ''
    const line = `NOT RUN: ${name}: ${error.message}${otherwise}`
    if (process.env.AGL_SUITE === 'all' && !shownBy) throw new Error(line, { cause: error })
    process.stderr.write(`${line}\n`)
    return undefined
  }
}
