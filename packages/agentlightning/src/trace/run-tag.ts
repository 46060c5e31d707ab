// The tag by which the traces of a run are found: for SDKs that carry tags and nothing else.
const PREFIX = 'agl.run='

/** The tag of the traces of a run. */
export function runTag(run: string): string {
  return `${PREFIX}${run}`
}

/** True for a tag that names a run. */
export function isRunTag(tag: string): boolean {
  return tag.startsWith(PREFIX) && tag.length > PREFIX.length
}

/** The run that tags name; `undefined` where they name none, or several. */
export function runOfTags(tags: readonly string[]): string | undefined {
  const runs = new Set(tags.filter(isRunTag))
  return runs.size === 1 ? [...runs][0]?.slice(PREFIX.length) : undefined
}
