// How much memory a thread may hold in reserve.

/**
 * V8 lets the space for young objects of each thread grow to 48 MB and gives little of it back: three threads and a
 * burst leave more than 100 MB behind. With 12 MB it collects more often, which costs a thread of ours next to nothing.
 */
export const threadLimits = { maxYoungGenerationSizeMb: 12 } as const
