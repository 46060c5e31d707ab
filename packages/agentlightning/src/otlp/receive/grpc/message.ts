// The one message of a unary gRPC call, as it lies on the wire: a flag, a length, the bytes
// (gRPC over HTTP/2, "Length-Prefixed-Message").
import { AglError } from '../../../errors.ts'

/** Bytes before each message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5

/** A message of a call. */
export interface GrpcMessage {
  readonly compressed: boolean
  readonly bytes: Buffer
}

/** Reads the only message of a call. Throws `AGL_BAD_REQUEST` where there is not exactly one. */
export function readMessage(sent: Buffer): GrpcMessage {
  if (sent.length < PREFIX_BYTES) throw bad(`it has ${sent.length} bytes`)
  const flag = sent.readUInt8(0)
  const length = sent.readUInt32BE(1)
  if (flag > 1) throw bad(`its first byte is ${flag}`)
  if (sent.length !== PREFIX_BYTES + length) {
    throw bad(`its length is said to be ${length} bytes and ${sent.length - PREFIX_BYTES} came`)
  }
  return { compressed: flag === 1, bytes: sent.subarray(PREFIX_BYTES) }
}

/** A message to send, not compressed. */
export function writeMessage(bytes: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

function bad(what: string): AglError {
  return new AglError('AGL_BAD_REQUEST', { what: `The body is not one gRPC message: ${what}.` })
}
