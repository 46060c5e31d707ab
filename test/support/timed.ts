/** Does `work` and prints how long it took: times are aims, and no machine is so idle that a test could assert them. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const made = await work()
  process.stdout.write(`${what}: ${Math.round(performance.now() - begun)} ms\n`)
  return made
}
