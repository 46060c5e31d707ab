// Errors of the gateway in the shape that the client's SDK reads, with the catalogue's code in a header.
import type { ServerResponse } from 'node:http'
import { AglError } from '../errors.ts'
import { RETRY_AFTER_S } from '../server/context.ts'
import type { CallDialect } from '../token-ids/types.ts'

/** Body of an error as the SDKs of a dialect expect it. */
export function errorBody(error: AglError, dialect: CallDialect): Buffer {
  const message = `${error.message} ${error.action}`.trim()
  const { http } = error.kind
  if (dialect === 'messages')
    return json({ type: 'error', error: { type: anthropicType(http), message }, request_id: null })
  const type = http === 429 ? 'rate_limit_error' : http < 500 ? 'invalid_request_error' : 'server_error'
  return json({ error: { message, type, param: null, code: error.code } })
}

/** Answers with an error, unless a reply has begun. */
export function sendGatewayError(
  response: ServerResponse,
  error: AglError,
  dialect: CallDialect,
  extra: Readonly<Record<string, string | number>> = {},
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const body = errorBody(error, dialect)
  const { http } = error.kind
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-agl-error': error.code,
    ...(http === 429 || http === 503 ? { 'retry-after': RETRY_AFTER_S } : {}),
    ...extra,
  }
  response.writeHead(http, headers)
  response.end(body)
}

/** Any error as one of the catalogue. */
export function cataloguedError(error: unknown): AglError {
  return error instanceof AglError ? error : new AglError('AGL_INTERNAL', {}, error)
}

function anthropicType(http: number): string {
  if (http === 401) return 'authentication_error'
  if (http === 403) return 'permission_error'
  if (http === 404) return 'not_found_error'
  if (http === 413) return 'request_too_large'
  if (http === 429) return 'rate_limit_error'
  if (http === 503) return 'overloaded_error'
  return http < 500 ? 'invalid_request_error' : 'api_error'
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
