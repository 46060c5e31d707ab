// Ids and logprobs as bytes, for caches and stores: the width of one value, then the values, little endian. The
// fewest bytes that hold every value are used. Fixed widths are read in less than half the time of varints, and for the
// vocabularies that models have they are little longer.

/** Bytes before the values. */
const HEAD = 1

/** Packs token ids: 1 to 4 bytes each. */
export function packIds(ids: Uint32Array): Uint8Array {
  let most = 0
  for (const id of ids) if (id > most) most = id
  const width = most < 2 ** 8 ? 1 : most < 2 ** 16 ? 2 : most < 2 ** 24 ? 3 : 4
  const packed = new Uint8Array(HEAD + ids.length * width)
  packed[0] = width
  let at = HEAD
  for (const id of ids) {
    packed[at++] = id
    if (width > 1) packed[at++] = id >>> 8
    if (width > 2) packed[at++] = id >>> 16
    if (width > 3) packed[at++] = id >>> 24
  }
  return packed
}

/**
 * The ids of what `packIds` gave.
 *
 * @throws RangeError when the bytes are none of that
 */
export function unpackIds(packed: Uint8Array): Uint32Array {
  const width = packed[0] ?? 0
  const ids = new Uint32Array(countIn(packed, width, width >= 1 && width <= 4))
  let at = HEAD
  for (let i = 0; i < ids.length; i++) {
    let id = packed[at++]!
    if (width > 1) id |= packed[at++]! << 8
    if (width > 2) id |= packed[at++]! << 16
    if (width > 3) id |= packed[at++]! << 24
    ids[i] = id
  }
  return ids
}

/** Packs logprobs: 4 bytes each where that loses nothing (servers compute them so), else 8. NaN stays NaN. */
export function packLogprobs(logprobs: Float64Array): Uint8Array {
  const width = logprobs.every((value) => Object.is(Math.fround(value), value)) ? 4 : 8
  const packed = new Uint8Array(HEAD + logprobs.length * width)
  const view = new DataView(packed.buffer)
  packed[0] = width
  let at = HEAD
  for (const value of logprobs) {
    if (width === 4) view.setFloat32(at, value, true)
    else view.setFloat64(at, value, true)
    at += width
  }
  return packed
}

/**
 * The logprobs of what `packLogprobs` gave.
 *
 * @throws RangeError when the bytes are none of that
 */
export function unpackLogprobs(packed: Uint8Array): Float64Array {
  const width = packed[0] ?? 0
  const logprobs = new Float64Array(countIn(packed, width, width === 4 || width === 8))
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  for (let i = 0; i < logprobs.length; i++) {
    const at = HEAD + i * width
    logprobs[i] = width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true)
  }
  return logprobs
}

function countIn(packed: Uint8Array, width: number, isWidth: boolean): number {
  const count = (packed.length - HEAD) / width
  if (!isWidth || !Number.isInteger(count))
    throw new RangeError('The packed tokens are cut short or damaged.')
  return count
}
