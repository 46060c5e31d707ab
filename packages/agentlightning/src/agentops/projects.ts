// Which project an API key stands for. Any non-empty key is accepted: this is a local server.
import { createHash } from 'node:crypto'
import { DEFAULT_PROJECT_ID } from '../store/default-project.ts'

/** A project as a key names it. */
export interface KeyProject {
  /** UUID; the same for the same key on every server. */
  readonly project: string
  readonly name: string
  /** SHA-256 of the key in hex: what is kept in place of the key. */
  readonly keyHash: string
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The project of a key: one of its own for a UUID, `default` for everything else (design §11). */
export function projectOfKey(key: string): KeyProject {
  const keyHash = createHash('sha256').update(key).digest('hex')
  if (!uuid.test(key) || key === DEFAULT_PROJECT_ID)
    return { project: DEFAULT_PROJECT_ID, name: 'default', keyHash }
  const hash = createHash('sha256').update(`agentlightning.project:${key.toLowerCase()}`).digest('hex')
  // Version 8: a UUID of custom content (RFC 9562 §5.8).
  const project = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
  return { project, name: `project-${hash.slice(0, 8)}`, keyHash }
}
