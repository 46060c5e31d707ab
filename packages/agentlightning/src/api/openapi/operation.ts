import type { z } from 'zod'

/** What the document says of one method of a path. */
interface Operation {
  readonly summary: string
  readonly query?: z.ZodObject
  /** By status. */
  readonly answers: Readonly<Record<string, string>>
}

/** Path → method → operation. Path parameters are read from the braces. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>

export const notFound = { 404: 'No such trace (AGL_NOT_FOUND)' }
export const badRequest = { 400: 'A parameter is wrong; the error names it (AGL_BAD_REQUEST)' }
