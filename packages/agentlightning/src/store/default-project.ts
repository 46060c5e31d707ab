// Where traces wait whose batches named no project.

/** Project of traces whose batches named none, and of every key that is no UUID. */
export const DEFAULT_PROJECT_ID = '00000000-0000-0000-0000-000000000000'

/** Shown name of the default project. */
export const DEFAULT_PROJECT_NAME = 'default'
