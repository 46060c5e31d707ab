// The one catalogue of errors: what happened, with which status it leaves each surface, and what to do.

/** How one kind of error leaves the product, and what its reader should do. */
export interface ErrorKind {
  /** Status of an HTTP answer. */
  readonly http: number
  /** gRPC status code (google.rpc.Code), used in OTLP `Status` bodies as well. */
  readonly grpc: number
  /** Exit status of the command that fails with it. */
  readonly exit: number
  /** What happened; `{name}` is replaced by the detail of that name. */
  readonly message: string
  /** What the reader can do about it; `{name}` as above. */
  readonly action: string
}

const INVALID = 3
const NOT_FOUND = 5
const RESOURCE_EXHAUSTED = 8
const UNAUTHENTICATED = 16
const UNIMPLEMENTED = 12
const INTERNAL = 13
const UNAVAILABLE = 14

/** Every error of the product by its stable code. `docs/errors.md` documents each. */
export const errorKinds = {
  AGL_PORT_IN_USE: kind(
    500,
    INTERNAL,
    1,
    'Port {port} is already in use{holder}.',
    'Stop what uses it, or {instead}.',
  ),
  AGL_PORT_FORBIDDEN: kind(
    500,
    INTERNAL,
    2,
    'Port {port} needs privileges that this user does not have.',
    'Choose a port above 1023: --port 8002.',
  ),
  AGL_BAD_ARGUMENT: kind(400, INVALID, 2, '{what}', '{todo}'),
  AGL_HOST_UNAVAILABLE: kind(
    500,
    INTERNAL,
    1,
    'The address {host} cannot be bound: {reason}.',
    'Use an address of this machine, e.g. --host 127.0.0.1.',
  ),
  AGL_HOST_NEEDS_KEY: kind(
    500,
    INTERNAL,
    2,
    'Listening on {host} would let other machines read and write traces.',
    'Set an API key (--api-key KEY or AGL_API_KEY), or say --insecure.',
  ),
  AGL_DATA_DIR_IN_USE: kind(
    500,
    INTERNAL,
    1,
    'The data directory {dataDir} is in use by another server{holder}.',
    'Stop it with `agl agentops stop`, or choose another: --data-dir DIR.',
  ),
  AGL_DATA_DIR_READ_ONLY: kind(
    500,
    INTERNAL,
    1,
    'The data directory {dataDir} cannot be written: {reason}.',
    'Make it writable for this user, or choose another: --data-dir DIR.',
  ),
  AGL_DATA_DIR_FULL: kind(
    500,
    INTERNAL,
    1,
    'The disk of the data directory {dataDir} is full.',
    'Free space there, or choose another: --data-dir DIR. Nothing was damaged.',
  ),
  AGL_DATA_DIR_NEWER: kind(
    500,
    INTERNAL,
    1,
    'The data directory {dataDir} has format {found}; this version reads up to {known}.',
    'Update agentlightning, or choose another directory: --data-dir DIR. Nothing was changed.',
  ),
  AGL_START_FAILED: kind(500, INTERNAL, 1, 'The server did not start: {reason}', 'See `agl agentops logs`.'),
  AGL_START_TIMEOUT: kind(
    500,
    INTERNAL,
    1,
    'The server did not answer within {seconds} s.',
    'See `agl agentops logs`; a loaded machine may need longer.',
  ),
  AGL_NOT_RUNNING: kind(
    503,
    UNAVAILABLE,
    1,
    'No server is running on {dataDir}.',
    'Start one: agl agentops --daemon',
  ),
  AGL_UNAUTHORIZED: kind(
    401,
    UNAUTHENTICATED,
    1,
    'The request carries no valid key: {what}',
    'Send the key as `Authorization: Bearer KEY`, `X-API-Key: KEY`, or in the path: /k/KEY/v1/traces.',
  ),
  AGL_HOST_REFUSED: kind(
    403,
    7,
    1,
    'Requests for the host {host} are refused.',
    'Start the server with --allow-host {host}.',
  ),
  AGL_ORIGIN_REFUSED: kind(
    403,
    7,
    1,
    'Requests from web pages of {origin} are refused.',
    'Start the server with --allow-origin {origin}.',
  ),
  AGL_METHOD_NOT_ALLOWED: kind(
    405,
    UNIMPLEMENTED,
    1,
    '{method} is not offered on {path}.',
    'The methods of this path are in the Allow header.',
  ),
  AGL_TLS_REFUSED: kind(
    400,
    INVALID,
    1,
    'A client of port {port} began a TLS handshake; this server speaks HTTP without TLS.',
    'Write http:// in place of https:// in the address that the client is given.',
  ),
  AGL_NOT_FOUND: kind(404, NOT_FOUND, 1, '{what} was not found.', '{todo}'),
  AGL_AMBIGUOUS_ID: kind(
    400,
    INVALID,
    1,
    '{id} is the beginning of {count} ids.',
    'Give more characters of it.',
  ),
  AGL_BAD_REQUEST: kind(400, INVALID, 1, '{what}', 'Correct the request and send it again.'),
  AGL_BAD_BODY: kind(
    400,
    INVALID,
    1,
    'The body is not a valid {format} message: {what} at byte {at}.',
    'Check the exporter; the batch was not recorded.',
  ),
  AGL_BAD_ENCODING: kind(
    400,
    INVALID,
    1,
    'The body cannot be decoded as {encoding}: {what}.',
    'Check Content-Encoding; the batch was not recorded.',
  ),
  AGL_MEDIA_TYPE: kind(
    415,
    INVALID,
    1,
    'The content type {type} is not one of OTLP.',
    'Send application/x-protobuf or application/json.',
  ),
  AGL_CONTENT_ENCODING: kind(
    415,
    UNIMPLEMENTED,
    1,
    'The content encoding {encoding} is not supported.',
    'Use identity, gzip, deflate or zstd.',
  ),
  AGL_BODY_TOO_LARGE: kind(
    413,
    RESOURCE_EXHAUSTED,
    1,
    'The body is larger than {limit} bytes{state}.',
    'Send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE).',
  ),
  AGL_BODY_BOMB: kind(
    413,
    RESOURCE_EXHAUSTED,
    1,
    'The body decodes to more than {ratio} times its size.',
    'Send it uncompressed, or in smaller batches.',
  ),
  AGL_SPAN_TOO_LARGE: kind(
    413,
    RESOURCE_EXHAUSTED,
    1,
    'A span is larger than {limit} bytes.',
    'Send large contents as references.',
  ),
  AGL_SPAN_REJECTED: kind(
    400,
    INVALID,
    1,
    'Some spans of a batch were not recorded.',
    'The reason is in partial_success of the answer; the other spans of the batch are kept.',
  ),
  AGL_RECORD_REJECTED: kind(
    400,
    INVALID,
    1,
    'Some log records or data points of a batch were not recorded.',
    'The reason is in partial_success of the answer; the others of the batch are kept.',
  ),
  AGL_PUBLIC_MISSING: kind(404, NOT_FOUND, 1, '{message}', ''),
  AGL_LEGACY_REFUSED: kind(
    400,
    INVALID,
    1,
    '{message}',
    'The routes of AgentOps before 0.4 need a key or the token of a session, and the id of a session.',
  ),
  AGL_OVERLOADED: kind(
    429,
    RESOURCE_EXHAUSTED,
    1,
    'The server cannot take more at the moment: {reason}.',
    'The exporter may send again after the time in Retry-After.',
  ),
  AGL_DISK_FULL: kind(
    429,
    RESOURCE_EXHAUSTED,
    1,
    'The disk of the data directory is full; the batch was not recorded.',
    'Free space, or lower the cap: --max-disk SIZE.',
  ),
  AGL_FLUSH_FAILED: kind(
    429,
    RESOURCE_EXHAUSTED,
    1,
    'The disk refused the write ({reason}); the batch was not recorded.',
    'The exporter may send again. Check the disk if it goes on.',
  ),
  AGL_DRAINING: kind(429, RESOURCE_EXHAUSTED, 1, 'The server is stopping.', 'Send again when it runs again.'),
  AGL_POSITION_TIMEOUT: kind(
    503,
    UNAVAILABLE,
    1,
    'What was written up to {position} is not readable yet.',
    'Ask again; `agl agentops status` shows how far the index is.',
  ),
  AGL_LOG_CLOSED: kind(
    429,
    RESOURCE_EXHAUSTED,
    1,
    'The log is closed.',
    'Send again when the server runs again.',
  ),
  AGL_GATEWAY_NO_UPSTREAM: kind(
    502,
    UNAVAILABLE,
    1,
    'The gateway has no upstream{model}.',
    'Start the server with --upstream URL, with --upstreams FILE, or with OPENAI_BASE_URL or ANTHROPIC_BASE_URL set.',
  ),
  AGL_GATEWAY_UPSTREAM_FAILED: kind(
    502,
    UNAVAILABLE,
    1,
    'The upstream {name} gave no reply: {reason}.',
    'See whether it runs: agl gateway check',
  ),
  AGL_GATEWAY_TIMEOUT: kind(
    504,
    4,
    1,
    'The upstream {name} did not end within {seconds} s.',
    'Give it more time: --upstream-timeout SECONDS, or 0 for no limit.',
  ),
  AGL_GATEWAY_LOOP: kind(
    508,
    INVALID,
    1,
    'The upstream {url} leads back to this gateway.',
    'Name the model server itself: --upstream URL.',
  ),
  AGL_GATEWAY_PAUSED: kind(
    429,
    RESOURCE_EXHAUSTED,
    1,
    'The gateway is paused{reason}.',
    'Send the call again after the time in Retry-After.',
  ),
  AGL_GATEWAY_NOT_RECORDED: kind(
    503,
    UNAVAILABLE,
    1,
    'The call cannot be recorded: {reason}',
    'Send it again after the time in Retry-After; see `agl agentops status`.',
  ),
  AGL_GATEWAY_CHECK_FAILED: kind(
    500,
    UNAVAILABLE,
    1,
    '{count} of {all} upstreams cannot be reached.',
    '{todo}',
  ),
  AGL_RUN_REFUSED: kind(
    502,
    UNAVAILABLE,
    1,
    'The server at {url} did not take the run: {reason}',
    'An older server may be running: agl agentops restart. Without the gateway: --no-gateway.',
  ),
  AGL_COMMAND_NOT_FOUND: kind(
    404,
    NOT_FOUND,
    127,
    '{command}: {reason}.',
    'Check its name and PATH: agl run -- COMMAND [ARGUMENTS].',
  ),
  AGL_COMMAND_NOT_EXECUTABLE: kind(
    500,
    INTERNAL,
    126,
    '{command} cannot be executed: {reason}.',
    'Make it executable, or name its interpreter: agl run -- python FILE.',
  ),
  AGL_SERVER_SAID: kind(500, INTERNAL, 1, '{message}', '{action}'),
  AGL_INTERNAL: kind(
    500,
    INTERNAL,
    1,
    'Something failed inside the server.',
    'See `agl agentops logs`; the error is there in full.',
  ),
  AGL_TRACE_DELETED: kind(
    404,
    NOT_FOUND,
    1,
    'Trace {id} was deleted at {at}.',
    'It cannot be brought back here; see `agl traces list` for the traces there are.',
  ),
  AGL_TRACE_PRUNED: kind(
    404,
    NOT_FOUND,
    1,
    'Trace {id} was removed at {at} to stay below the disk cap.',
    'Raise the cap (--max-disk) to keep more.',
  ),
  AGL_MESSAGES_TOO_LARGE: kind(
    413,
    RESOURCE_EXHAUSTED,
    1,
    'The messages of span {spanId} take more than the {most} MB of one answer about many spans.',
    'Ask for them alone: GET /api/v1/traces/ID/spans/{spanId}/messages.',
  ),
  AGL_PRUNED: kind(
    410,
    NOT_FOUND,
    1,
    'The payload of {what} was removed to stay below the disk cap.',
    'Raise the cap (--max-disk) to keep more.',
  ),
} as const satisfies Record<string, ErrorKind>

/** A stable error code, e.g. `AGL_PORT_IN_USE`. */
export type ErrorCode = keyof typeof errorKinds

const brand = Symbol.for('agentlightning.error')

/** An error of the catalogue. `message` is for people; `code` is for programs. */
export class AglError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, string | number>>
  readonly [brand] = true

  /** @param details the values of the template, e.g. `{ port: 8002 }` */
  constructor(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}, cause?: unknown) {
    super(fill(errorKinds[code].message, details), cause === undefined ? undefined : { cause })
    this.name = 'AglError'
    this.code = code
    this.details = details
  }

  /** Status codes and templates of this error. */
  get kind(): ErrorKind {
    return errorKinds[this.code]
  }

  /** What the reader can do about it. */
  get action(): string {
    return fill(this.kind.action, this.details)
  }
}

/** An error that a server answered with: its code, and its words as it said them. */
export class RelayedError extends AglError {
  readonly #action: string

  constructor(code: ErrorCode, message: string, action: string) {
    super(code)
    this.message = message
    this.#action = action
  }

  override get action(): string {
    return this.#action
  }
}

/** True for an error of the catalogue, also one made by another copy of this package. */
export function isAglError(value: unknown): value is AglError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
}

function kind(http: number, grpc: number, exit: number, message: string, action: string): ErrorKind {
  return { http, grpc, exit, message, action }
}

function fill(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''))
}
