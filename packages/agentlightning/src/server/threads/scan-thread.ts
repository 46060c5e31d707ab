// Entry of the thread that scans large bodies.
import { parentPort } from 'node:worker_threads'
import { isAglError } from '../../errors.ts'
import { scanBody } from './scan-body.ts'
import type { FromScanThread, ToScanThread } from './scan-client.ts'

const port = parentPort
if (!port) throw new Error('This file runs as a worker thread.')

port.on('message', ({ id, encoding, signal, bytes, limits }: ToScanThread) => {
  try {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const result = scanBody(encoding, body, limits, signal)
    const answer: FromScanThread = { id, ok: true, result, bytes }
    port.postMessage(answer, [bytes.buffer])
  } catch (error) {
    const known = isAglError(error)
    const answer: FromScanThread = {
      id,
      ok: false,
      code: known ? error.code : 'AGL_INTERNAL',
      details: known ? error.details : {},
    }
    port.postMessage(answer)
  }
})
