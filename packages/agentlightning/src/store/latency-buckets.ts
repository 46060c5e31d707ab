// Buckets of the latency histograms, four to each doubling: a percentile read from one is at most 19 % above the
// true value. Numbers of buckets are stored: never renumber.

const PER_DOUBLING = 4
const DOUBLINGS = 22

/** Upper bounds in ns, inclusive: 1 ms first, 2^22 ms (70 min) last. */
const bounds = Array.from({ length: PER_DOUBLING * DOUBLINGS + 1 }, (_, bucket) =>
  Math.round(1e6 * 2 ** (bucket / PER_DOUBLING)),
)

/**
 * The bucket of a duration in ns: number b holds what is above 2^((b-1)/4) ms and at most 2^(b/4) ms. The first
 * takes all shorter ones too, the last all longer ones.
 */
export function latencyBucket(durationNs: number): number {
  let low = 0
  let high = bounds.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (durationNs <= (bounds[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

/** Upper bound of a bucket in ms. */
export function latencyBoundMs(bucket: number): number {
  return (bounds[bucket] as number) / 1e6
}
